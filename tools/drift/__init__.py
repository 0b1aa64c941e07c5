"""What the vendor's newest packages have that the contract lacks, and the other way round."""
