"""Training: what a network learns from its gradients, update after update, and what it then writes.

    report = next(iter(Trainer("I think therefore I am", Experiment(), Training())))

`training` says what can be chosen, `trainer` does it, `trained` and `history` are what is left,
`generation` lets a trained network write. One forward and backward run stands in `engine.door`.
"""
