"""The desk: the only place that knows Streamlit."""
