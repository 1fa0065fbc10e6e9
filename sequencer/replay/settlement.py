"""The L1 side of a replay: contracts and traders on a local chain."""

from collections.abc import Sequence
from typing import Final

from eth_account.signers.local import LocalAccount

from prover.circuit import EXIT
from prover.prover import Prover, open_prover
from sequencer.batch.sizes import BatchSize
from sequencer.chain.anvil import LocalChain
from sequencer.chain.artifacts import verifier
from sequencer.chain.client import RollupClient, TokenClient
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.queue import QueueHashes
from sequencer.chain.receipts import ReceiptDomain, ReceiptSigner
from sequencer.chain.watcher import Watcher
from sequencer.model.config import Configuration
from sequencer.replay.receipts import ReceiptBook
from sequencer.replay.traders import Trader, wallet
from sequencer.verifier.batch import MAX_TIMESTAMP_LAG_SECONDS

WEI_FOR_GAS: Final = 10 * 10**18
RECEIPT_SECONDS: Final = MAX_TIMESTAMP_LAG_SECONDS
"""How long after a batch was opened its receipts are due; the contract takes no batch that is older."""
ASK_FOR_EVERYTHING: Final = (1 << 64) - 1
"""A withdrawal pays the smaller of what is asked and what is free."""


class Settlement:
    """The contracts of one replay, and the operator's and the traders' business with them."""

    def __init__(
        self, chain: LocalChain, prover: Prover, configuration: Configuration, size: BatchSize, seed: int
    ) -> None:
        """Make the keys if need be, and deploy the contracts with the verifiers that snarkjs exported."""
        self.chain = chain
        self.prover = prover
        self.operator: LocalAccount = wallet(f"operator of seed {seed}")
        self.chain.fund(self.operator.address, WEI_FOR_GAS)
        keys = prover.prepare()
        keys.manifest.require_chain(chain.chain_id)
        exported = verifier(keys.verifier.read_text())
        receipt_key = wallet(f"receipts of seed {seed}")
        terms = RollupTerms(receipt_key.address, size.sure_requests)
        exits = verifier(open_prover(EXIT, progress=prover.progress).prepare().verifier.read_text())
        contracts = deploy(chain, self.operator, exported, exits, configuration, terms)
        self.token = TokenClient(chain, contracts.token)
        self.rollup = RollupClient(chain, contracts.rollup)
        self.watcher = Watcher(self.rollup)
        self.queue = QueueHashes()
        domain = ReceiptDomain(chain.chain_id, self.rollup.address)
        self.receipts = ReceiptBook(ReceiptSigner(receipt_key, domain, RECEIPT_SECONDS, self.queue))

    def onboard(self, traders: Sequence[Trader]) -> None:
        """Let each trader derive its key, deposit and register.

        L1 gives out account ids in the order of the deposits, which is the order of the traders.
        """
        for trader in traders:
            trader.derive_key(self.chain.chain_id, self.rollup.address)
            self.chain.fund(trader.wallet.address, WEI_FOR_GAS)
            self.token.mint(self.operator, trader.wallet.address, trader.deposit)
            self.token.approve(trader.wallet, self.rollup.address, trader.deposit)
            self.rollup.deposit(trader.wallet, trader.deposit)
            self.rollup.register_key(trader.wallet, trader.key)

    def request_withdrawal(self, trader: Trader) -> None:
        """Queue a withdrawal of all that the trader may take."""
        self.rollup.withdraw(trader.wallet, ASK_FOR_EVERYTHING)

    def claim(self, trader: Trader) -> int:
        """Pay the trader what it is owed; return what its wallet received, in token units."""
        before = self.token.balance(trader.wallet.address)
        self.rollup.claim(trader.wallet, trader.wallet.address)
        return self.token.balance(trader.wallet.address) - before
