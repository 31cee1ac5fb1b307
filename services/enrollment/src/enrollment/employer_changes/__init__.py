"""单位信息变更: change requests of units, which come over the bus into the review queue."""
