"""A node that knows one client: what is signed is answered, and everything else is refused with 109."""

import os
import subprocess
import sys
import unittest
import zipfile

import desk
import pipelines
import requests
from desk import AT_GUEST, MODEL, done, flow, refused, wait, write
from flow_sdk.client import FlowClient

KEY, SECRET = os.environ["PARCAE_APP_KEY"], os.environ["PARCAE_SECRET_KEY"]


def settings(key=KEY, secret=SECRET):
    """Sets the command line up with a key and a secret, or without."""
    done("init", "--reset")
    keys = ("--app-key", key, "--secret-key", secret) if key else ()
    done("init", "--ip", desk.IP, "--port", desk.PORT, *keys)


class Signed(unittest.TestCase):
    """One way of signing for each form that a request may have."""

    @classmethod
    def setUpClass(cls):
        for role in ("guest", "host"):
            # A form with a file, and a conf in the query string.
            conf = write(f"{role}.json", desk.upload_conf(f"breast_hetero_{role}"))
            wait(done("data upload", "-c", conf, "--drop")["jobId"], desk.LOCAL)

    def setUp(self):
        settings()

    def test_the_command_line(self):
        # An empty object, which the client signs as two bytes, and no body at all.
        self.assertEqual(done("server versions")["data"]["FATE"], "1.11.2")
        done("resource query")
        self.assertEqual(done("queue clean")["data"], {})
        conf = write("conf.json", desk.train_conf(max_iter=1))
        job = done("job submit", "-c", conf, "-d", desk.example("job_dsl.json"))["jobId"]
        wait(job)
        # GET with JSON.
        at = ("-j", job) + AT_GUEST + ("-cpn", "hetero_lr_0")
        folder = done("component output-data", *at, "-o", "out")["directory"]
        self.assertEqual(sorted(os.listdir(folder)), ["data.csv", "data.meta"])
        done("job log", "-j", job, "-o", "logs")
        # A form with fields of text and a file.
        key = {"role": "guest", "party_id": 9999, "model_id": MODEL, "model_version": job}
        path = done("model export", "-c", write("export.json", dict(key, output_path="models")))["file"]
        self.assertTrue(zipfile.is_zipfile(path))
        conf = dict(key, file=os.path.abspath(path), force_update=True)
        done("model import", "-c", write("import.json", conf))

    def test_a_wrong_secret_a_wrong_key_and_none(self):
        upload = write("again.json", desk.upload_conf("breast_hetero_guest", table_name="refused"))
        for key, secret in ((KEY, SECRET + "?"), ("stranger", SECRET), (None, None)):
            settings(key, secret)
            for command in ("server versions", "queue clean", "job list"):
                answer = flow(command)
                desk.refusal(answer, 109)
                self.assertNotIn("data", answer)
                self.assertNotIn(SECRET, str(answer))
            refused("data upload", "-c", upload, "--drop", code=109)
            client = FlowClient(ip=desk.IP, port=desk.PORT, version="v1", app_key=key, secret_key=secret)
            desk.refusal(client.job.list(), 109)
        settings()
        self.assertEqual(done("table info", "-n", desk.NAMESPACE, "-t", "refused")["data"]["exist"], 0)

    def test_requests_that_are_not_signed(self):
        for path in ("job/query", "version/get", "nosuch/path", "job/log/download"):
            response = requests.post(f"http://{desk.IP}:{desk.PORT}/v1/{path}", json={"job_id": desk.UNKNOWN})
            self.assertEqual((response.status_code, response.json()["retcode"]), (200, 109), path)
        # This command of the client does not sign, and fails with FATE-Flow, too.
        script = os.path.join(os.path.dirname(desk.FLOW), "pipeline")
        printed = subprocess.check_output([sys.executable, script, "config", "check"]).decode()
        self.assertIn("not responsive", printed)

    def test_the_sdk(self):
        self.assertEqual(desk.sdk.remote_version.fate(), "1.11.2")
        self.assertEqual(desk.sdk.remote_version.api(), "v1")
        self.assertEqual(desk.good(desk.sdk.table.info(desk.NAMESPACE, "breast_hetero_guest"))["count"], 569)

    def test_a_pipeline(self):
        trained = pipelines.training(max_iter=1)
        trained.fit()
        done_with = pipelines.predicting(trained)
        self.assertEqual(len(done_with.get_component("hetero_lr_0").get_output_data()), 569)


if __name__ == "__main__":
    unittest.main()
