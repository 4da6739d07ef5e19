"""A project is refused on a network share, by the kind of its file system."""

from pathlib import Path

import pytest

from geo.schema import DataError
from store.disks import NETWORK, disk_of, give_name, half_of, kind_in, refuse_share
from store.project import open_project, restored
from tests.offices import office

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:45 / /mnt rw - tmpfs tmpfs rw
31 22 0:46 / /mnt/office\\040files/资料 rw,nosuid shared:7 master:2 - cifs //server/share rw
32 22 0:47 / /srv rw - ext4 /dev/sdb1 rw
33 22 0:48 / /srv rw - nfs4 server:/srv rw
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/li/a.gpkg", "ext4"),
        ("/mnt/a.gpkg", "tmpfs"),
        ("/mnt/office files/资料/a.gpkg", "cifs"),
        ("/mnt/office files/a.gpkg", "tmpfs"),
        ("/srv/a.gpkg", "nfs4"),
        ("/srvs/a.gpkg", "ext4"),
        ("/srv", "nfs4"),
    ],
)
def test_the_deepest_mount_counts_and_of_equals_the_last(place: str, kind: str) -> None:
    assert kind_in(MOUNTS, Path(place)) == kind


def test_the_disk_of_this_test_is_no_share(tmp_path: Path) -> None:
    assert disk_of(tmp_path) not in NETWORK


@pytest.mark.parametrize(
    "kind", ["cifs", "nfs4", "smb3", "9p", "prl_fs", "fuse.sshfs", "fuse.rclone", "remote"]
)
def test_a_share_is_refused_wherever_a_project_would_lie(kind: str, tmp_path: Path) -> None:
    office(tmp_path / "a.gpkg").close()
    sentence = (
        "项目文件 a.gpkg 在网络共享盘上，多人同时使用会损坏数据。"
        "请放到本机磁盘；需要多人共用时请改用 PostGIS 数据库。"
    )
    with pytest.raises(DataError) as refused:
        open_project(tmp_path / "a.gpkg", disk=lambda _: kind)
    assert str(refused.value) == sentence
    with pytest.raises(DataError, match="网络共享盘"):
        restored(tmp_path / "a.gpkg", tmp_path / "b.gpkg", disk=lambda _: kind)


@pytest.mark.parametrize("kind", ["ext4", "fuseblk", "fuse.ntfs-3g", "p9", ""])
def test_a_local_disk_is_not_refused(kind: str) -> None:
    refuse_share(Path("a.gpkg"), lambda _: kind)


def without_hard_links(path: Path, target: Path) -> None:
    raise PermissionError(1, "Operation not permitted", str(target), None, str(path))


@pytest.mark.parametrize("fat", [False, True])
def test_a_whole_file_takes_a_free_name_and_no_other(
    *, fat: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fat:
        monkeypatch.setattr(Path, "hardlink_to", without_hard_links)
    path = tmp_path / "a.gpkg"
    first, second = half_of(path), half_of(path)
    assert first != second, "two desks of one process write to files of their own"
    for half in (first, second):
        half.write_text(half.name, encoding="utf-8")
    give_name(first, path)
    with pytest.raises(DataError, match=r"a.gpkg 已存在，为免覆盖不写入。请换一个文件名。"):
        give_name(second, path)
    assert path.read_text(encoding="utf-8") == first.name
    assert set(tmp_path.iterdir()) == {path, second}, "who made the second still has it"
