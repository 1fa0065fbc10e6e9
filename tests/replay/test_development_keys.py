"""Development keys guard no money: nothing is deployed with them on a chain that is not local."""

import pytest

from prover.backends import BACKENDS
from prover.errors import DevelopmentKeyError
from prover.prover import Prover
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import local_chain
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.settlement import Settlement
from sequencer.replay.terms import configuration
from tests.chain.conftest import GENESIS_TIME
from tests.prover.conftest import small_circuit


@pytest.mark.parametrize("chain_id", [1, 8453, 11155111])
def test_nothing_is_deployed_with_development_keys_on_a_public_chain(chain_id: int) -> None:
    prover = Prover(small_circuit("Product"), BACKENDS["native"])
    with local_chain(GENESIS_TIME) as chain:
        chain.request("anvil_setChainId", [chain_id])
        with pytest.raises(DevelopmentKeyError, match=f"chain {chain_id} must not trust"):
            Settlement(chain, prover, configuration(OracleSigners(1).keys), batch_size("small"), seed=1)
        assert chain.web3.eth.block_number == 0
