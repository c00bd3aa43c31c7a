"""What training makes small: six losses over one batch.

late        cross entropy over all passages, a score being the mean over the question's tokens of their best match
dense       the same with the vectors of whole texts
keep        how far those vectors are from the base model's; without it they drift
absolute    a logistic loss on the score alone: the right passage above a middle, those that come closest below it, and
            for near misses and questions about anything all of them below. It gives a score its meaning across questions
sentence    cross entropy over the sentences of the right passage
translated  the same question in two languages, among its nearest neighbours
"""
import jax
import jax.numpy as jnp

WEIGHT = {"late": 1.0, "dense": 0.5, "keep": 5.0, "absolute": 0.4, "sentence": 0.3, "translated": 0.5}
DENSE_TEMPERATURE = 0.02
CLOSEST = 4  # Wrong passages that the absolute loss counts.
SENTENCES = 12  # Of a passage, the first.


def loss(upper, parameters, questions, passages, right, pairs):
    """The weighted sum and its parts.

    upper       (parameters, hidden, mask) -> token and text vectors
    questions   columns of `batches.columns`; passage i answers question i for i < len(right)
    right       the number of the sentence that answers, negative if it is not known
    pairs       columns of the same questions in two languages
    """
    q_hidden, q_mask, q_content, _, q_base = questions
    p_hidden, p_mask, p_content, p_sentence, p_base = passages
    q_tokens, q_text = upper(parameters, q_hidden, q_mask)
    p_tokens, p_text = upper(parameters, p_hidden, p_mask)
    score = match(q_tokens, q_content, p_tokens, p_content)
    scale = jnp.exp(-parameters["temperature"])
    n = len(right)
    at = jnp.arange(n)
    parts = {
        "late": cross_entropy(score[:n] * scale),
        "dense": cross_entropy(q_text[:n] @ p_text.T / DENSE_TEMPERATURE),
        "keep": (1 - (q_text * q_base).sum(-1)).mean() + (1 - (p_text * p_base).sum(-1)).mean(),
        "absolute": absolute(parameters["slope"] * (score - parameters["middle"]), at),
        "sentence": sentence(q_tokens[:n], q_content[:n], p_tokens[:n], p_sentence[:n], right, scale),
        "translated": translated(upper, parameters, *pairs, scale),
    }
    values = jnp.stack([parts[name] for name in WEIGHT])
    return (values * jnp.array(list(WEIGHT.values()))).sum(), values


def match(questions, content, passages, there):
    """For each question and passage the mean over the question's own tokens of their best match."""
    similarity = jnp.einsum("qid,ptd->qpit", questions, passages)
    best = jnp.where(there[None, :, None, :], similarity, -1.0).max(-1)
    return mean_over(best, content[:, None])


def mean_over(values, chosen):
    weight = chosen.astype(jnp.float32)
    return (values * weight).sum(-1) / jnp.maximum(weight.sum(-1), 1.0)


def cross_entropy(scores):
    at = jnp.arange(len(scores))
    return -jax.nn.log_softmax(scores, -1)[at, at].mean()


def absolute(logit, at):
    wanted = jnp.zeros_like(logit).at[at, at].set(1.0)
    each = jnp.maximum(logit, 0) - logit * wanted + jnp.log1p(jnp.exp(-jnp.abs(logit)))
    closest = jax.lax.top_k(jnp.where(wanted > 0, -1.0, each), min(CLOSEST, logit.shape[1] - 1))[0]
    return 0.5 * each[at, at].mean() + 0.5 * closest.mean()


def sentence(questions, content, passages, sentences, right, scale):
    """Of questions and the passages that answer them."""
    similarity = jnp.einsum("nid,ntd->nit", questions, passages)
    of = sentences[:, :, None] == jnp.arange(SENTENCES)
    best = jnp.where(of[:, None], similarity[..., None], -1.0).max(2)  # [n, question token, sentence]
    scores = mean_over(best.transpose(0, 2, 1), content[:, None])
    chances = jax.nn.log_softmax(jnp.where(of.any(1), scores * scale, -1e9), -1)
    known = (right >= 0) & (right < SENTENCES)
    mine = chances[jnp.arange(len(right)), jnp.clip(right, 0, SENTENCES - 1)]
    return -jnp.where(known, mine, 0.0).sum() / jnp.maximum(known.sum(), 1)


def translated(upper, parameters, one, other, scale):
    one_tokens, one_text = upper(parameters, one[0], one[1])
    other_tokens, other_text = upper(parameters, other[0], other[1])
    across = match(one_tokens, one[2], other_tokens, other[2])
    return 0.5 * cross_entropy(across * scale) + 0.5 * cross_entropy(one_text @ other_text.T / DENSE_TEMPERATURE)
