"""The micro-steps (claim 5), one after the other."""

from tests.batch.referee.liquidation import step_class
from tests.batch.referee.signals import require
from tests.batch.referee.step import MESSAGE, Progress


class Steps(Progress):
    """Carries the micro-steps out."""

    def run(self) -> None:
        idle = False
        previous = dict.fromkeys(MESSAGE, 0)
        for t, take in enumerate(self.inputs["stepTake"]):
            message = {name: self.inputs[f"step{name}"][t] for name in MESSAGE}
            require(not (take and self.goes_on), "a message is carried out before the next is taken")
            require(bool(take) or message == previous, "a step that goes on repeats the message")
            active = bool(take) or self.goes_on
            require(not (idle and active), "idle steps come last")
            idle, previous = not active, message
            step = step_class(message)(self, t, message)
            step.carry_out(bool(take)) if active else step.rest()
        require(not self.goes_on, "the last message is carried out")
