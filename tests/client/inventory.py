"""No command of `flow` and no script of this folder is forgotten: each command stands in the table, and the script that
the table names runs it. What docs/client.md says of commands, methods and calls is what the client offers, too."""

import inspect
import os
import re
import unittest

from flow_client.flow import flow_cli
from flow_sdk.client import FlowClient
from pipeline.backend.pipeline import PipeLine

HERE = os.path.dirname(os.path.abspath(__file__))

# Groups, the script that runs their commands, and the commands; those that the node refuses, with the reason.
WORKS = {
    "cli_job.py": {
        "job": "submit list query stop rerun config log view dsl parameter-update",
        "task": "list query",
        "queue": "clean",
        "component": "list metrics metric-all metric-delete parameters output-data output-data-table output-model "
                     "get-summary",
        "tracking": "metrics metric-all parameters output-data output-data-table output-model get-summary",
    },
    "cli_data.py": {
        "data": "upload upload-history download writer",
        "table": "info delete disable enable disable-delete add bind connector-create connector-query tracking-source "
                 "tracking-job",
    },
    "cli_model.py": {
        "model": "deploy get-predict-dsl get-predict-conf get-model-info export import migrate tag-model tag-list",
        "tag": "create query update delete list",
        "checkpoint": "list get",
    },
    "cli_site.py": {
        "": "init",
        "server": "versions reload",
        "service": "registry",
        "provider": "list list-components",
        "resource": "query return",
        "key": "save query delete",
        "template": "download",
    },
    "cli_test.py": {"test": "toy min"},
}
REFUSED = {
    "cli_job.py": {
        "component hetero-model-merge": "merges models of tree boosting, which is not there",
        "component woe-array-extract": "reads models of feature binning, which is not there",
        "component woe-array-merge": "writes models of feature binning, which is not there",
    },
    "cli_model.py": {
        "model load": "serving is a system of its own; model export gives the model",
        "model bind": "as model load",
        "model homo-convert": "no horizontal algorithm is there",
        "model homo-deploy": "as model homo-convert",
    },
    "cli_site.py": {
        "provider register": "a folder with Python is no component; the path of a .wasm file is taken as a push",
        "privilege grant": "there is one tenant; FATE answers the same while permissions are switched off",
        "privilege delete": "as privilege grant",
        "privilege query": "as privilege grant",
    },
}
# Not scripts of their own, or without commands.
OTHERS = {"desk.py", "inventory.py", "sdk.py", "pipe_train.py", "pipe_modes.py", "pipe_checkpoint.py", "pipelines.py",
          "older.py", "signed.py"}


# Attributes of a pipeline with calls of their own.
OF_PIPELINE = {"online.load", "online.bind", "model_convert.convert"}


def page():
    """What docs/client.md says: by the word in its second column, what stands between backticks in the first."""
    said = {"works": set(), "refused": set()}
    with open(os.path.join(HERE, "..", "..", "docs", "client.md")) as file:
        for line in file:
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) > 3 and cells[2] in said:
                said[cells[2]] |= set(re.findall("`([^`]+)`", cells[1]))
    return said


def public(owner):
    """Names of an owner's methods."""
    return {name for name, _ in inspect.getmembers(owner, inspect.isroutine) if not name.startswith("_")}


def text(script):
    """The text of a script."""
    with open(os.path.join(HERE, script)) as file:
        return file.read()


def accounted():
    """The script of each command of both tables."""
    found = {}
    for script, groups in WORKS.items():
        for group, names in groups.items():
            found.update({f"{group} {name}".strip(): script for name in names.split()})
    for script, commands in REFUSED.items():
        assert not set(commands) & set(found), "a command both works and is refused"
        found.update({command: script for command in commands})
    return found


def commands(group, path=()):
    """Names of all commands below a group."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, path + (name,))
        else:
            yield " ".join(path + (name,))


class Inventory(unittest.TestCase):
    """The client against the table, the table against the scripts, and the scripts against the tests."""

    def test_every_command_is_in_the_table(self):
        self.assertEqual(sorted(commands(flow_cli)), sorted(accounted()))

    def test_every_command_is_run(self):
        for command, script in accounted().items():
            called = re.search(rf'\b(done|flow|ran|refused)\((self\.\w+, )?"{command}"', text(script))
            listed = re.search(rf'in \([^)]*"{command}"', text(script))
            self.assertTrue(called or listed, f"{script} does not run {command}")

    def test_every_refused_command_is_refused(self):
        for script, found in REFUSED.items():
            for command in found:
                self.assertIn(f'refused("{command}"', text(script))

    def test_the_page_says_of_every_command_whether_it_works(self):
        said = page()
        self.assertFalse(said["works"] & said["refused"])
        refused = {command for found in REFUSED.values() for command in found}
        for word, wanted in (("works", set(accounted()) - refused), ("refused", refused)):
            found = {name[len("flow "):] for name in said[word] if name.startswith("flow ")}
            self.assertEqual(sorted(found), sorted(wanted), word)

    def test_the_page_names_every_method_and_call(self):
        said = page()
        found = {name for names in said.values() for name in names if not name.startswith("flow ")}
        members = {name: member for name, member in vars(FlowClient).items() if not name.startswith("_")}
        methods = {f"{name}.{method}" for name, member in members.items() for method in public(type(member))}
        self.assertEqual(sorted(found), sorted(methods | public(PipeLine) | OF_PIPELINE))

    def test_every_script_is_run_by_a_test(self):
        scripts = {name for name in os.listdir(HERE) if name.endswith(".py")}
        self.assertEqual(scripts, set(WORKS) | OTHERS)
        rust = text("main.rs")
        for script in scripts - {"desk.py", "pipelines.py"}:
            self.assertIn(f'run("{script}")', rust)


if __name__ == "__main__":
    unittest.main()
