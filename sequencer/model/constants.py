"""Widths, depths, offsets and codes of the protocol: the one place where they are written.

`circuits/lib/constants.circom` and `contracts/src/libraries/Constants.sol` are generated from this module by
`sequencer.model.generate`; a test fails when they drift. Units are in the names: ticks, lots, ppm, seconds.
"""

from typing import Final

PROTOCOL_VERSION: Final = 1
FIELD_MODULUS: Final = 21888242871839275222246405745257275088548364400416034343698204186575808495617

# Trees
ACCOUNT_DEPTH: Final = 10
PAGE_DEPTH: Final = 6
LOG_DEPTH: Final = 3
TREE_ARITY: Final = 4
# Top levels of a tree that all updates of a batch share: two cost the fewest hashes for 4 to 16 updates.
CROWN_LEVELS: Final = 2

# Capacities of the state
MARKETS: Final = 4
PAGE_ORDERS: Final = 15
TIERS: Final = 4
ORACLE_SIGNERS: Final = 5
ORACLE_QUORUM: Final = 3
MAX_OUTCOMES: Final = 4
ACCOUNT_ORDERS_MAX: Final = 64
SIDE_ORDERS_MAX: Final = 480

# Widths in bits
ACCOUNT_BITS: Final = 20
MARKET_BITS: Final = 8
PRICE_BITS: Final = 32
RANK_BITS: Final = 33
SIZE_BITS: Final = 48
SEQUENCE_BITS: Final = 40
NONCE_BITS: Final = 48
KEY_EPOCH_BITS: Final = 16
TIME_BITS: Final = 40
PPM_BITS: Final = 20
HALT_BITS: Final = 20
INTEREST_BITS: Final = 14
INDEX_BITS: Final = 112
TIER_BITS: Final = 4
KIND_BITS: Final = 4
STATUS_BITS: Final = 4
ORDERS_BITS: Final = 16
KEY_BITS: Final = 72
FENCE_BITS: Final = 73
AMOUNT_BITS: Final = 64
OWNER_BITS: Final = 160
COUNT_BITS: Final = 16
OPEN_INTEREST_BITS: Final = 40
FACTOR_BITS: Final = 10

# Bounds
COLLATERAL_BOUND: Final = 1 << 62
OPEN_NOTIONAL_BOUND: Final = 1 << 61
NOTIONAL_BOUND: Final = 1 << 60
VAULT_CAP: Final = 1 << 61
PPM_UNIT: Final = 1_000_000
# Indices count this share of a quote unit a lot: a rate in ppm for 8 hours accrues by a product with seconds
FUNDING_SECONDS: Final = 28_800
INDEX_UNIT: Final = FUNDING_SECONDS * PPM_UNIT
# A premium this close to the interest changes no rate
PREMIUM_DAMPENER_PPM: Final = 500
# The grid of oracle times on which marks are sampled for volatility
SAMPLE_SECONDS: Final = 300
# The bounds of open interest count this many quote units: dollars
OPEN_INTEREST_UNIT: Final = 1_000_000
# Tiers count so many quote units a tick, in bits: 16.78 dollars
TIER_UNIT_BITS: Final = 24
# The highest rate that there is: a little more than the whole value
FULL_MARGIN_PPM: Final = (1 << PPM_BITS) - 1
# Of a settled market: since when the insurance fund has had a position there, and the rate of every margin
SETTLED_SINCE: Final = 1
SETTLED_PPM: Final = 1
REACH_END: Final = 1 << KEY_BITS
RANK_MAX: Final = (1 << PRICE_BITS) - 1
NEVER_EXPIRES: Final = (1 << TIME_BITS) - 1
MAKER_FEE_OFFSET: Final = 1 << 19

# Offsets of the signed message's two words
MESSAGE_KEY_EPOCH_AT: Final = 20
MESSAGE_NONCE_AT: Final = 36
MESSAGE_KIND_AT: Final = 84
MESSAGE_MARKET_AT: Final = 86
MESSAGE_SIDE_AT: Final = 94
MESSAGE_IOC_AT: Final = 95
MESSAGE_POST_ONLY_AT: Final = 96
MESSAGE_REDUCE_ONLY_AT: Final = 97
MESSAGE_EXPIRY_AT: Final = 98
MESSAGE_MAX_FEE_AT: Final = 138
MESSAGE_SIZE_AT: Final = 32
MESSAGE_TARGET_AT: Final = 80
ORACLE_TAG: Final = 1 << 200
ORACLE_SIGNER_AT: Final = 168

# Offsets of the order word of a page
ORDER_REDUCE_ONLY_AT: Final = 48
ORDER_ACCOUNT_AT: Final = 49
ORDER_EXPIRY_AT: Final = 69
ORDER_MAX_FEE_AT: Final = 109
ORDER_KEY_AT: Final = 129
ORDER_WORD_BITS: Final = 201

# Offsets of the page header
PAGE_SIDE_AT: Final = 8
PAGE_LOW_AT: Final = 9
PAGE_HIGH_AT: Final = 82

# Offsets of the account's trading word
TRADING_KEY_EPOCH_AT: Final = 48
TRADING_TIER_AT: Final = 64
TRADING_DEAD_BELOW_AT: Final = 68
TRADING_ORDERS_AT: Final = 108
POSITION_INDEX_AT: Final = 64

# Offsets of the market leaf's words
MARKET_STATUS_AT: Final = 4
MARKET_MARK_AT: Final = 8
MARKET_ORACLE_TIME_AT: Final = 40
MARKET_BID_ORDERS_AT: Final = 80
MARKET_ASK_ORDERS_AT: Final = 96
MARKET_HALTED_UNTIL_AT: Final = 112
MARKET_REDUCED_UNTIL_AT: Final = 152
MARKET_INITIAL_AT: Final = 20
MARKET_MAINTENANCE_AT: Final = 40
MARKET_BAND_AT: Final = 60
MARKET_MIN_SIZE_AT: Final = 80
MARKET_MAX_POSITION_AT: Final = 128
MARKET_MAX_MOVE_AT: Final = 176
MARKET_HALT_SECONDS_AT: Final = 196
MARKET_LIQUIDATION_FEE_AT: Final = 216
MARKET_INTEREST_AT: Final = 236
MARKET_PARAMETER_BITS: Final = 250
RISK_SAMPLED_MARK_AT: Final = 48
RISK_VOLATILITY_AT: Final = 80
RISK_VOLATILITY_ADDON_AT: Final = 100
RISK_OPEN_INTEREST_ADDON_AT: Final = 120
RISK_CONGESTION_ADDON_AT: Final = 140
RISK_TIER_AT: Final = 160
RISK_FUND_SINCE_AT: Final = 180

# Offsets of the margin schedule's word
SCHEDULE_FACTOR_AT: Final = 40
SCHEDULE_ADDON_MAX_AT: Final = 50
SCHEDULE_ADDON_STEP_AT: Final = 70
SCHEDULE_TIER_AT: Final = 90
SCHEDULE_CONGESTION_AT: Final = 110
SCHEDULE_SETTLE_AT: Final = 130
SCHEDULE_UPPER_AT: Final = 150

# Offsets of the venue word
VENUE_MARKETS_AT: Final = 40
VENUE_RESTRICTED_UNTIL_AT: Final = 44
VENUE_UNINSURED_AT: Final = 84

# Offsets of the L1 request's head word and of its outcome word
REQUEST_ACCOUNT_AT: Final = 4
REQUEST_AMOUNT_AT: Final = 24
REQUEST_OWNER_AT: Final = 88
REQUEST_WORDS: Final = 3
OUTCOME_PAID_AT: Final = 4

# Data stream
HEADER_DOMAIN: Final = 0
HEADER_CONFIG_HASH: Final = 1
HEADER_BATCH_NUMBER: Final = 2
HEADER_OLD_STATE_ROOT: Final = 3
HEADER_NEW_STATE_ROOT: Final = 4
HEADER_NEW_EXIT_ROOT: Final = 5
HEADER_TIMESTAMP: Final = 6
HEADER_EPOCH_HASH: Final = 7
HEADER_FIRST_SEQUENCE: Final = 8
HEADER_LOG_ROOT: Final = 9
HEADER_REQUESTS_BEGIN: Final = 10
HEADER_COUNTS: Final = 11
HEADER_FEE_POOL: Final = 12
HEADER_FUNDING_POOL: Final = 13
HEADER_WORDS: Final = 14
COUNTS_MESSAGES_AT: Final = 16
COUNTS_ACCOUNTS_AT: Final = 32
COUNTS_MARKETS_AT: Final = 48
COUNTS_WORDS_AT: Final = 64
RECORD_BITMAP_AT: Final = 20
RECORD_TAG_AT: Final = 32
RECORD_TAG_ACCOUNT: Final = 1
RECORD_TAG_MARKET: Final = 2
ACCOUNT_RECORD_WORDS: Final = 8
MARKET_WORDS: Final = 5
MARKET_RECORD_WORDS: Final = MARKET_WORDS + 1

# Tags of the order multiset; page tags add the page's place in the batch's table
TAG_ROW: Final = 1
TAG_NEW: Final = 64
TAG_PASS: Final = 128
ROW_FLAGS_AT: Final = 202
TAG_BOOK_AT: Final = 8

# The key of an account that has none: eight times a hashed point, so nobody knows its secret
DEFAULT_KEY_SEED: Final = b"proofbook default key 0"
DEFAULT_KEY: Final = (
    3247899021028760824603728360165007601026544960264546824148856163930086836315,
    6016838491586498039546848451809497153590502290904062793853673372333378124713,
)

INSURANCE_ACCOUNT: Final = 0
INSURANCE_OWNER: Final = 1
FIRST_SEQUENCE: Final = 1
FIRST_ACCOUNT: Final = 1
