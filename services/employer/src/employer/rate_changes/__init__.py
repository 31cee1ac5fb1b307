"""Changes of rates and limits with four eyes (费率与基数): one operator proposes, another approves."""
