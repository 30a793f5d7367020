"""What people call things: the names of arguments, attributes and keys, and what stands behind them.

A table, not rules for special cases: a name that is in none of its rows is settled by its place and by shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

#: Each role and the names that people give it, as one regular expression over the name in lower case without "_".
ROLES: dict[str, str] = {
    "inputs": r"x|xs|exog|inputs?|inp|data|features?|xtrain|trainx|xbatch|batchx|xdata|xb|xi|images?|samples?|"
    r"inputdata|rows?|trainingdata|train|trainset|trainx|traininputs|traininginputs|inputvector|xsample|img|x0|datax|points?|inputarray|inputslist",
    "target": r"y|ys|endog|t|ts|targets?|labels?|ytrue|truey|ytrain|trainy|ybatch|batchy|ydata|yb|yi|expected|desired|"
    r"expectedoutputs?|desiredoutputs?|groundtruth|gt|truth|trainlabels|trainingoutputs|correct|answers?|targetvector|"
    r"ytarget|yreal|trueoutput|targ|targs|lbls?|gold|onehot|yonehot|onehoty|actual|d|targetslist|yactual|labely|r",
    "samples list": r"minibatch|batch",
    "velocity": r"v|vel|velocity|velocities|vs|momentums?|momenta|prevupdates?|vgrads?|vparams|vdict",
    "rate": r"lr|learningrate|eta|alpha|rate|step|stepsize|learnrate|lrate|learning|epsilon|lrrate",
    "penalty": r"reg|lambda|lam|lambd|lmbda|lmd|reglambda|lambdareg|lambdaa|l2|l2reg|regl2|weightdecay|wd|decay|"
    r"regularization|regularisation|regstrength|penalty|l2lambda|lambda2|lamda|lambdval|c|l1|regularizer|regparam",
    "batch size": r"batchsize|minibatchsize|bs|batch|sizeofbatch|batchsz|minibatch|mbsize",
    "one": r"epochs?|nepochs|numepochs|iterations?|numiterations|niter|iters|numiters|niters|maxiter|maxiters|steps|"
    r"numpasses|passes|nepoch|numsteps|nsteps|it|noofiterations|nsteps|maxepochs|numiter|maxiterations|nepochs|"
    r"numberofiterations|trainingiterations|rounds|numit|nit|nbepochs?|nbiter",
    "no": r"printcost|verbose|debug|plot|show|print|log|check|gradcheck|shuffle|train|istrain|training|test",
    "container": r"params?|parameters|weights?|model|network|net|nn|theta|thetas|nnparams|layers|w|ws|b|bs|biases|bias|"
    r"coefs?|intercepts?|p|weightsandbiases|wb|flat|vec|vector",
    "state": r"hprev|h0|hinit|hstart|prevh|hp|initialstate|hiddenstate|initialhidden|hlast|sprev|s0|state|hidden0",
    "samples": r"m|n|nsamples|numsamples|samplesize|batchsize|minibatchsize|bs|nsample|numexamples|nexamples|ntrain|"
    r"numtrain|nobs|datasize",
    "input width": r"nx|inputsize|inputdim|ninputs?|ninput|nin|inputlayersize|inputnodes|numinputs|inputs|sizein|dimin|"
    r"inputnum|nfeatures|numfeatures|dimensions|inputunits|insize|indim|infeatures|inputneurons|vocabsize|d|dim|din|"
    r"wordsize|worddim|inputshape|nodesinput|inodes|dinput|i|numinputnodes|inputlayer|inputnodesnum|dimensionality",
    "hidden width": r"nh|hiddensize|hiddendim|nhidden|nhiddens|hiddenlayersize|hiddennodes|numhidden|hidden|"
    r"hiddenunits|"
    r"h|hiddenneurons|sizehidden|dimhidden|hiddenlayer|hiddennum|nodeshidden|hnodes|dhidden|na|ns|numhiddennodes|"
    r"hidlayersize|hsize|hdim|nneurons|hiddenlayers|nunits|statesize",
    "output width": r"ny|outputsize|outputdim|noutputs?|noutput|nout|outputlayersize|outputnodes|numoutputs|output|"
    r"nlabels|numlabels|numclasses|nclasses|classes|k|c|outputunits|outsize|outdim|outfeatures|outputneurons|sizeout|"
    r"dimout|outputnum|nodesoutput|onodes|doutput|dout|o|noclasses|numclass|numoutputnodes|vocabsize|outputlayer",
    "widths": r"sizes|layersizes|layerdims|layersdims|layers|dims|dimensions|architecture|arch|structure|topology|"
    r"layerssizes|layersize|nnarchitecture|units|neurons|shape|netsize|nnhdims|netstructure|layerunits|layout|"
    r"layersstructure|nodes|networkshape|layerdim",
    "some width": r".+(dims?|sizes?)|.{2,}(width|units|features|len|length|nodes|neurons|channels|filters|classes|"
    r"embed|factors|vocab|rank)|dim|size|width|rank|num.+|n(?!et|n)[a-z]+|k|h",
    "hidden widths": r"hiddendims|hiddensizes|hiddenlayers|hiddenlayersizes|hidden|nhiddens|hiddenunits",
    "steps": r"seqlength|seqlen|t|tx|timesteps|nsteps|numsteps|sequencelength|bptttruncate",
    "seed": r"seed|randomstate|rngseed|randomseed",
    "generator": r"rng|random|generator",
    "small": r"std|scale|weightscale|weightinitstd|initscale|sigma|epsilon|weightscale|eps|initstd",
}
_ROLES = {role: re.compile(pattern) for role, pattern in ROLES.items()}

#: What the outcome of a forward pass is called.
FORWARD = re.compile(
    r"forward|feedforward|forwardpass|forwardprop|forwardpropagation|fwd|predict|propagate|modelforward|lmodelforward|"
    r"call|compute|run|output|activate|think|fp|hypothesis|netforward|forwardstep|rnnforward|evaluate|query|fprop|"
    r"predictproba|forwardpropagate|feed|inference|score|scores"
)
BACKWARD = re.compile(
    r"backward|backprop|backpropagation|backwardpropagation|backpropagate|bprop|gradients?|grad|grads|computegradients?|"
    r"lossandgrads?|loss|lossgrad|lossfun|bptt|backwardpass|modelbackward|lmodelbackward|train|fit|update|trainstep|step|"
    r"updateminibatch|costfunction|nncostfunction|lossfunction|getgradients?|gradient|computegrads?|cost|sgd|bp|"
    r"gradientdescent|learn|trainonestep|costfunctionprime|updateparameters|updateweights|adjust|optimize"
)


def bare(name: str) -> str:
    """The name as the table has it."""
    return re.sub(r"[_\s.]", "", name).lower()


def says(role: str, name: str) -> bool:
    """Whether a name is one of those for this role, also behind the nn of a neural network: ``nn_hdim``."""
    plain = bare(name)
    return any(_ROLES[role].fullmatch(one) is not None for one in (plain, plain.removeprefix("nn")) if one)


def is_forward(name: str) -> bool:
    return FORWARD.search(bare(name)) is not None


def is_backward(name: str) -> bool:
    return BACKWARD.fullmatch(bare(name)) is not None


_BIAS = re.compile(
    r"b([a-z]{0,3}\d*|\d*)|.*bias.*|beta\d*|.*intercept.*|b[a-z]?(out|in|hidden|output|o|h)|b\d*[a-z]*|c\d?|theta0"
)
_WEIGHT = re.compile(
    r"w.*|.*weight.*|theta\d*|syn\d*|.*kernel.*|u\d?|v\d?|k\d?|coef.*|.*w\d*|l\d*w.*|fc\d+w?|.*matrix.*|omega.*|slopes?|mcurrent|phi\d*|beta\d*"
)


def called_like(name: str, known: Iterable[str]) -> str | None:
    """The one that is called so: to the letter, or else the only one but for case and underscores."""
    found = [one for one in known if one == name] or [one for one in known if bare(one) == bare(name)]
    return found[0] if len(found) == 1 else None


def is_bias_name(name: str) -> bool:
    """Whether an array of parameters with this name is a bias."""
    return _BIAS.fullmatch(bare(name)) is not None


def is_weight_name(name: str) -> bool:
    """Whether an array of parameters with this name holds weights."""
    return not is_bias_name(name) and _WEIGHT.fullmatch(bare(name)) is not None


def in_order(names: Sequence[str]) -> list[str]:
    """Names in the order of the numbers at their ends, where all have one: W10 behind W9."""
    numbers = [re.search(r"(\d+)\D*$", name) for name in names]
    if all(numbers) and len({m.group(1) for m in numbers if m}) == len(names):
        return sorted(names, key=lambda name: int(re.findall(r"\d+", name)[-1]))
    return list(names)


_VELOCITY_OF = re.compile(r"^(v|vel|velocity|mom|momentum)_?(?=[A-Zwb])(?!el|eloc)")


def velocity_of(name: str) -> str | None:
    """W for ``vW``, W1 for ``velocity_W1``: what a velocity of this name would move; None for other names."""
    of = _VELOCITY_OF.sub("", name)
    return of if of != name else None


#: What a part is called that holds the numbers of a parameter, or of its gradient, and says nothing of which it is.
HOLDS_NUMBERS = re.compile(r"data|values?|val|params?|array|tensor|numpy|item")
HOLDS_GRADIENT = re.compile(r"grads?|gradients?|g|diff|derivative|delta")


def telling(names: Sequence[str]) -> str:
    """The last of the names on a path that says which parameter: ``w`` of ``w.data``, ``w_grad`` of ``w.grad``."""
    if len(names) > 1 and names[-1] in ("v", "d") and (is_weight_name(names[-2]) or is_bias_name(names[-2])):
        return names[-2] if names[-1] == "v" else f"{names[-2]}_grad"  # W_f.v and W_f.d, of a W_f with both
    if len(names) > 1 and HOLDS_NUMBERS.fullmatch(bare(names[-1])):
        return names[-2]
    if len(names) > 1 and HOLDS_GRADIENT.fullmatch(bare(names[-1])):
        return f"{names[-2]}_grad"
    return names[-1] if names else ""


_PREFIX = re.compile(
    r"^(self|grads?|gradients?|nabla|delta|dl|dj|dloss|dc|de|d|g|new|updated|total|sum|acc)(?=[a-z0-9])"
)
_SUFFIX = re.compile(r"(grads?|gradients?|deltas?|update|new|bar|prime|dot|s)$")


def without_d(name: str) -> set[str]:
    """What a gradient may be the gradient of, going by its name: dW1, grad_W1, W1_grad, nabla_w, d_W1."""
    plain = bare(name)
    found = {plain}
    for _ in range(3):
        found |= {_PREFIX.sub("", one) for one in found} | {_SUFFIX.sub("", one) for one in found}
    return {one for one in found if one}


def is_gradient_name(name: str) -> bool:
    """Whether an attribute of this name is a gradient rather than a parameter."""
    return (
        re.match(r"^(d|grad|nabla|delta|g_)|.*(grad|_d|_g|delta|prime)s?\d*$", name.removeprefix("_").lower())
        is not None
    )
