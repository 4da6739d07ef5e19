"""What people read, and the program that makes its pictures."""
