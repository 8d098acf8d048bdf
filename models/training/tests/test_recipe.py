"""The recipe: its steps are commands as they are, and what has succeeded is not done again."""

import argparse
import importlib

import pytest

from galatea_training import recipe
from galatea_training.__main__ import COMMANDS, summary


def options(work, *more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    recipe.add_arguments(parser)
    return parser.parse_args(["--assets", "the assets", "--work", str(work), *more])


def parsed(words: list[str]) -> argparse.Namespace:
    module = importlib.import_module(f"galatea_training.{words[0]}")
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return parser.parse_args(words[1:])


@pytest.fixture
def carried(monkeypatch):
    """The names of the commands that are carried out, none of them in fact."""
    names = []
    monkeypatch.setattr(recipe, "run_command", lambda words, processes: names.append(words[0]) or words[0] != "fails")
    return names


def test_every_step_is_a_command_that_takes_its_options(tmp_path):
    for step in recipe.STEPS:
        taken = parsed(recipe.command(step, options(tmp_path)))
        assert not step.renders or taken.parts == 1, step.name
        assert getattr(taken, "minutes", step.minutes) == step.minutes, step.name


def test_every_command_is_a_module_with_a_summary_of_one_line():
    for command in COMMANDS:
        module = importlib.import_module(f"galatea_training.{command}")
        assert callable(module.add_arguments) and callable(module.run), command
        assert summary(command).endswith(".") and len(summary(command)) < 100, command


def test_the_hours_are_shared_by_the_table(tmp_path):
    chosen = options(tmp_path, "--hours", "1")
    lengths = [getattr(parsed(recipe.command(step, chosen)), "minutes", 0.0) for step in recipe.STEPS]
    rendering = sum(step.minutes for step in recipe.STEPS if step.renders) / recipe.DEFAULT_HOURS
    assert abs(sum(lengths) + rendering - 60) < 0.1


def test_what_has_succeeded_with_the_same_options_is_skipped(tmp_path, carried):
    assert recipe.run(options(tmp_path)) == 0 and len(carried) == len(recipe.STEPS)
    assert recipe.run(options(tmp_path)) == 0 and len(carried) == len(recipe.STEPS)


def test_a_step_done_again_is_followed_by_all_after_it(tmp_path, carried):
    recipe.run(options(tmp_path))
    carried.clear()
    (tmp_path / "done" / "train.judge").unlink()
    recipe.run(options(tmp_path))
    assert carried == [
        "train.judge", "train.encoder", "train.joint", "train.latent_mapper", "assemble.generator", "assemble.pack"
    ]  # fmt: skip


def test_a_step_that_fails_ends_the_recipe_and_is_done_again(tmp_path, carried, monkeypatch):
    steps = (recipe.Step("works first"), recipe.Step("fails"), recipe.Step("works third"))
    monkeypatch.setattr(recipe, "STEPS", steps)
    assert recipe.run(options(tmp_path)) == 1 and carried == ["works", "fails"]
    assert recipe.run(options(tmp_path)) == 1 and carried == ["works", "fails", "fails"]
