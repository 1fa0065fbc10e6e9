"""What may change of a rollup: who announces it, until when it waits, and what it says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3

from sequencer.chain.artifacts import contract
from sequencer.chain.client import ContractClient, RollupClient
from sequencer.chain.connection import Transaction
from sequencer.chain.errors import UnannouncedChangeError
from sequencer.chain.logs import LogReader
from sequencer.engine.state import State
from sequencer.model.config import Configuration
from sequencer.model.market import MarketParameters


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that was announced and has not joined the queue.

    Attributes
    ----------
    verifier : ChecksumAddress
        Who verifies the batches from then on.
    ready_at : int
        Seconds; from then on anyone may enact it.
    """

    configuration_hash: int
    verifier: ChecksumAddress
    ready_at: int


def obstacles(announced: Configuration | None, markets: Sequence[MarketParameters]) -> Iterator[str]:
    """Yield why no batch could follow a change.

    Parameters
    ----------
    announced
        None if no words were announced that are a configuration of its hash.
    markets
        Those of the rollup, at any time.
    """
    if announced is None:
        yield "the words that were announced are no configuration of this hash"
        return
    try:
        announced.check_follows(markets)
    except ValueError as error:
        yield f"{error}; no batch could follow it: the exchange would freeze"


class Timelock(ContractClient):
    """The timelock of a rollup."""

    def __init__(self, rollup: RollupClient) -> None:
        super().__init__(rollup.connection, contract("Timelock"), rollup.timelock)
        # To enact a change is to queue a request, which the rollup may refuse.
        self.errors = [*self.errors, *rollup.errors]
        self.rollup = rollup

    def schedule_change(
        self, governor: LocalAccount, configuration: Configuration, verifier: str
    ) -> Transaction:
        """Announce a change; it takes the place of one announced before."""
        arguments = (configuration.hash(), Web3.to_checksum_address(verifier), configuration.words())
        return self.send(governor, "scheduleChange", *arguments)

    def cancel_change(self, governor: LocalAccount) -> Transaction:
        """Take the announced change back."""
        return self.send(governor, "cancelChange")

    def enact_change(self, sender: LocalAccount) -> Transaction:
        """Queue the announced change once its delay is over, and pay the fee of a request."""
        return self.send(sender, "enactChange", wei=self.rollup.request_fee)

    def ready_at(self, announcement: Transaction) -> int:
        """Return from which second on the change of an announcement may be enacted."""
        receipt = self.connection.web3.eth.get_transaction_receipt(announcement.hash)
        (scheduled,) = self.contract.events.ChangeScheduled().process_receipt(receipt)
        return int(scheduled["args"]["readyAt"])

    @property
    def governor(self) -> ChecksumAddress:
        """Who may announce changes; the zero address if nothing ever changes."""
        return Web3.to_checksum_address(self.read("governor"))

    @property
    def change_delay(self) -> int:
        """Seconds from the announcement of a change to when it may join the queue."""
        return int(self.read("changeDelay"))

    @property
    def pending_change(self) -> PendingChange | None:
        """The change that was announced and has not joined the queue."""
        configuration_hash, verifier, ready_at = self.read("pendingChange")
        if not ready_at:
            return None
        return PendingChange(int(configuration_hash), Web3.to_checksum_address(verifier), int(ready_at))

    def due(self, state: State) -> Configuration | None:
        """Return what the next batch opens under, None if no change is due; errors as `announced`."""
        required = state.configuration_hash
        return None if state.configuration.hash() == required else self.announced(required)

    def announced(self, configuration_hash: int, from_block: int = 0) -> Configuration:
        """Return the configuration that was announced under a hash.

        Raises
        ------
        UnannouncedChangeError
            If no announcement has words with this hash, or they are no configuration.
        """
        for words in self._announcements(configuration_hash, from_block):
            try:
                configuration = Configuration.from_words(words)
            except ValueError:
                continue
            if configuration.hash() == configuration_hash:
                return configuration
        raise UnannouncedChangeError(
            f"no configuration was announced that has the hash {configuration_hash:#x}"
        )

    def _announcements(self, configuration_hash: int, from_block: int) -> Iterator[tuple[int, ...]]:
        reader = LogReader(self.connection, self.artifact, self.address)
        for page in reader.pages(from_block, self.connection.block_number):
            for log in page.logs:
                told = log.arguments
                if log.event == "ChangeScheduled" and told["configurationHash"] == configuration_hash:
                    yield told["configuration"]
