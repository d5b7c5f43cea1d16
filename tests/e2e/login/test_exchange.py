"""Exchange: a password kept encrypted, and a service account that impersonates."""

from pathlib import Path

from tests.e2e.login.desk import connect
from tests.e2e.stage import Stage, stage


def forget_password(scene: Stage) -> None:
    scene.config.write_text(scene.config.read_text().replace('password = "sandbox"\n', ""))


def test_a_password_is_proven_and_then_kept_encrypted(tmp_path: Path) -> None:
    with stage(tmp_path) as scene:
        forget_password(scene)
        assert "mailsync connect ann exchange" in str(scene.run("check", "ann", code=1))
        wrong = connect(scene.config, "ann", "exchange", feed=True)
        (told,) = wrong.end(code=1, said="not it\n")["errors"]
        assert "not it" not in told
        assert "mailsync connect ann exchange" in str(scene.run("check", "ann", code=1))
        assert connect(scene.config, "ann", "exchange", feed=True).end(said="sandbox\n")["vendor"] == "exchange"
        assert scene.sync()["status"] == "done"
        assert b"sandbox\n" not in b"".join(p.read_bytes() for p in tmp_path.iterdir() if p != scene.config)


def test_an_empty_password_is_asked_for(tmp_path: Path) -> None:
    with stage(tmp_path) as scene:
        forget_password(scene)
        assert "empty" in connect(scene.config, "ann", "exchange", feed=True).end(code=2, said="\n")["errors"][0]


def test_a_service_account_acts_for_the_address(tmp_path: Path) -> None:
    world = {
        "exchange": {
            "mailboxes": [
                {"user": "ann", "address": "ann@acme.example"},
                {"user": "admin", "address": "admin@acme.example"},
            ]
        }
    }
    with stage(tmp_path, world) as scene:
        text = scene.config.read_text()
        robot = text.replace('username = "ann@acme.example"', 'username = "admin@acme.example"\nimpersonate = true')
        scene.config.write_text(robot)
        scene.org.create(FirstName="Kim", LastName="Doe")
        assert scene.sync()["mailbox"]["created"] == 1
        assert scene.ann.get("Kim Doe")
        scene.config.write_text(robot.replace("impersonate = true", "impersonate = false"))
        assert scene.run("check", "ann", code=1)
