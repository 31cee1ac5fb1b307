"""Rate tables and limits of the contribution base (费率、缴费基数上下限), valid by month."""
