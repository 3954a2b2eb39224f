"""The groups init, server, service, provider, resource, key, privilege and template of the command line."""

import os
import subprocess
import sys
import unittest

import desk
from desk import UNKNOWN, done, flow, refused, wait, write

PEM = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwb2gbV8ntQR226tcHkJB
PA5l1nT0IlpgxI+w/5F90G0igVXcu+zphPxXdGfSgR29sYIFnCS+1zvrAkvc6bHg
U7ajSGQntbXVLpYIPJIpuDDyfdqQf1HsuZa8P7CvFeiYCLLgHHRO4W3dsbK7P5ER
4o1QfgE3F+UyvmtcdMbTHvRg37wEtKR9MzXWD3s2TozHZk/ac70fgsJmGcyK6j0y
0d4AbqEh7s/G0N343MeUuOm2qe0Xb1W5XmvouRxzELxUQMOKacspMwEYwhLDhCjP
hGxg0LG+q3pbaT2YxsXR702OPvX12/BqAsqcnQu4zNdpPPyw8gvAM4tAXk2AK8Be
5QIDAQAB
-----END PUBLIC KEY-----
"""


class Settings(unittest.TestCase):
    """The client's own settings."""

    def test_init(self):
        self.addCleanup(flow, "init", "--ip", desk.IP, "--port", desk.PORT)
        self.assertIn("reset", done("init", "--reset")["retmsg"])
        crashed = subprocess.run([sys.executable, desk.FLOW, "server", "versions"], stderr=subprocess.PIPE)
        self.assertIn("flow init", crashed.stderr.decode())
        refused("init", code=100)
        conf = write("service_conf.yaml", f"fateflow:\n  host: {desk.IP}\n  http_port: {desk.PORT}\n")
        done("init", "-c", conf)
        done("server versions")
        done("init", "--reset")
        done("init", "--ip", desk.IP, "--port", 1)
        refused("server versions", code=100, words="connection")
        done("init", "--ip", desk.IP, "--port", desk.PORT)
        done("server versions")

    def test_pipeline_config(self):
        script = os.path.join(os.path.dirname(desk.FLOW), "pipeline")
        for command, words in (("show", f"port: {desk.PORT}"), ("check", "Flow version: 1.11")):
            printed = subprocess.check_output([sys.executable, script, "config", command]).decode()
            self.assertIn(words, printed)


class Site(unittest.TestCase):
    """What the node says of itself, and what it keeps of others."""

    def test_server(self):
        versions = done("server versions")["data"]
        for name, version in (("API", "v1"), ("FATE", "1.11.2"), ("FATEFlow", "1.11.1"), ("EGGROLL", "2.5.1")):
            self.assertEqual(versions[name], version)
        data = done("server reload")["data"]
        desk.same_keys(data, "job_default_config server_registry")
        self.assertEqual(data["job_default_config"]["task_cores"], 4)

    def test_service(self):
        self.assertIsInstance(done("service registry")["data"], dict)

    def test_providers(self):
        providers = done("provider list")["data"]
        self.assertTrue({"fate", "fate_flow"} <= set(providers), list(providers))
        for name, module in (("fate", "heterolr"), ("fate_flow", "reader")):
            version = providers[name]["default"]["version"]
            self.assertIn(module, providers[name][version]["components"])
            self.assertEqual(done("provider list", "-n", name)["data"], providers[name])
        self.assertFalse(done("provider list", "-n", "nosuch").get("data"))
        modules = done("provider list-components")["data"]
        for name in ("HeteroLR", "heterolr", "Reader", "reader"):
            self.assertTrue({"default_provider", "support_provider"} <= set(modules[name]), modules[name])
        provider = {"name": "mine", "version": "1.0", "path": "/no/such/folder"}
        refused("provider register", "-c", write("provider.json", provider), code=400)
        provider["path"] = os.getcwd()
        refused("provider register", "-c", write("provider.json", provider), words="--components")

    def test_resources(self):
        data = done("resource query")["data"]
        self.assertEqual(data["use_resource_job"], [])
        free = data["computing_engine_resource"]
        self.assertTrue(0 < free["f_remaining_cores"] == free["f_cores"], free)
        job = desk.submitted(*desk.endless())
        self.addCleanup(desk.sdk.job.stop, job)
        desk.until(job, lambda row: row["f_status"] == "running")
        rows = done("resource query")["data"]["use_resource_job"]
        self.assertEqual({row["job_id"] for row in rows}, {job})
        desk.sdk.job.stop(job)
        wait(job, status="canceled")
        self.assertEqual(done("resource query")["data"]["use_resource_job"], [])
        for row in done("resource return", "-j", job)["data"]:
            self.assertEqual((row["job_id"], row["resource_in_use"]), (job, False))
        refused("resource return", "-j", UNKNOWN, code=100)

    def test_keys(self):
        self.assertNotIn("data", done("key query", "-p", 10000))
        path = write("key.json", {"party_id": 10000, "key": PEM})
        self.assertEqual(done("key save", "-c", path)["data"], "save success")
        self.assertEqual(done("key save", "-c", path)["data"], "update success")
        self.assertEqual(done("key query", "-p", 10000)["data"].strip(), PEM.strip())
        done("key delete", "-p", 10000)
        self.assertNotIn("data", done("key query", "-p", 10000))
        refused("key save", "-c", write("none.json", {"party_id": 10000, "key": "no key"}))

    def test_privileges_are_switched_off(self):
        path = write("privilege.json", {"party_id": 10000, "component": "reader"})
        refused("privilege grant", "-c", path, code=100)
        refused("privilege delete", "-c", path, code=100)
        refused("privilege query", "-p", 10000, code=100)

    def test_templates(self):
        done("template download", "-o", "template")
        done("template download", "--min-data", 1, "-o", "small")
        for folder in ("fate_examples", "fateflow_examples"):
            self.assertTrue(os.path.isdir(os.path.join("template", folder)), folder)
        flow_examples = os.path.join("template", "fateflow_examples")
        for party in ("guest", "host"):
            conf = os.path.join(flow_examples, "upload", f"upload_{party}.json")
            wait(done("data upload", "-c", conf, "--drop")["jobId"], desk.LOCAL)
        job = os.path.join(flow_examples, "hetero_lr")
        taken = done("job submit", "-c", os.path.join(job, "job_conf.json"), "-d", os.path.join(job, "job_dsl.json"))
        # That it is taken on is enough here.
        done("job stop", "-j", taken["jobId"])


if __name__ == "__main__":
    unittest.main()
