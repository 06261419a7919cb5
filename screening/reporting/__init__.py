"""What a review says of itself: PRISMA, agreement, the search log, source yield, exports."""
