"""Poetry's solver."""

from poetry.puzzle.exceptions import OverrideNeededError, SolverProblemError
from poetry.puzzle.provider import IncompatibleConstraintsError, Provider
from poetry.puzzle.solver import Solver

__all__ = [
    "IncompatibleConstraintsError",
    "OverrideNeededError",
    "Provider",
    "Solver",
    "SolverProblemError",
]
