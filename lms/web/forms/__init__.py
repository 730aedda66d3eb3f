"""What a person fills in, turned into plain values. One file per topic; `base` holds what all share."""
