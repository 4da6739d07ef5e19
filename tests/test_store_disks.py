"""A project is refused on a network share, by the kind of its file system."""

from pathlib import Path

import pytest

from geo.schema import DataError
from store.disks import NETWORK, disk_of, kind_in, refuse_share
from store.project import open_project, restored
from tests.test_store_project import office

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


@pytest.mark.parametrize("kind", ["cifs", "nfs4", "smb3", "fuse.sshfs", "remote"])
def test_a_share_is_refused_wherever_a_project_would_lie(kind: str, tmp_path: Path) -> None:
    office(tmp_path / "a.gpkg").close()
    sentence = (
        "项目文件 a.gpkg 在网络共享盘上,多人同时使用会损坏数据。"
        "请放到本机磁盘;需要多人共用时请改用 PostGIS 数据库。"
    )
    with pytest.raises(DataError) as refused:
        open_project(tmp_path / "a.gpkg", disk=lambda _: kind)
    assert str(refused.value) == sentence
    with pytest.raises(DataError, match="网络共享盘"):
        restored(tmp_path / "a.gpkg", tmp_path / "b.gpkg", disk=lambda _: kind)


def test_a_local_disk_is_not_refused() -> None:
    refuse_share(Path("a.gpkg"), lambda _: "ext4")
