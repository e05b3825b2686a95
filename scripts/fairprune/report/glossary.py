"""What the page's technical words mean, for those who meet them for the first time."""

TERMS = {
    "sparsity": "The share of a model's weights that were set to zero.",
    "dense": "The model as it is, before anything was pruned.",
    "variant": "One pruned model: a method, a calibration set and a sparsity.",
    "calibration set": "Texts on which a method measures which weights matter.",
    "attribution": "The way in which the pieces of a summary are given to the groups of people.",
    "tokens": "Words and parts of words, as a model reads them. As an attribution: each counts for "
    "the groups that wrote it.",
    "classifier": "An attribution: a small model says which group each sentence sounds like.",
    "nearest": "Most alike in meaning. As an attribution: each sentence counts for the opinion "
    "that is most like it.",
    "J": "How well an attribution sees the groups: 1 is perfectly, 0 not at all.",
    "UER": "Unfair error rate: how much of their due share the groups lose on average; 0 is fair.",
    "BUR": "Binary unfair rate: how often some group gets less than four fifths of its due.",
    "SPD": "Statistical parity difference: how much more the first group of a pair gains than the "
    "second. Above 0 the first is favoured, below 0 the second.",
    "TV": "Total variation: the share of a summary that would have to change to be fair.",
    "SOF": "Second-order fairness: whether it is always the same group that loses.",
    "excess": "What a figure is above that of a fair writer of summaries as long as these.",
    "shift": "How much more, or less, of the summaries the group got whose share changed most.",
    "margin": "A change that is small enough to be called none.",
    "95 % interval": "Where the true figure lies, as far as so many inputs can tell.",
    "ROUGE": "How many words and phrases a summary shares with one that a person wrote.",
    "perplexity": "How surprised a model is by ordinary text; lower is better.",
    "zero-shot": "Questions that a model answers without having seen examples.",
}
