"""The L1 side: contracts, clients, trading keys, and the rebuild of the state from L1 alone."""
