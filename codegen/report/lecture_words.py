"""What the lecture says between its formulas, in both languages; ``{place}`` is a formula."""

from __future__ import annotations

from symbolic import words
from symbolic.words import Text

TITLE = Text("Training neural networks", "Обучение нейронных сетей")

# --- a neuron, and a network of them
NEURON = Text("A neuron", "Нейрон")
NEURON_SAYS = Text(
    "A neuron weighs its inputs {inputs}, adds a number of its own and applies a function {h}:",
    "Нейрон суммирует входы {inputs} с весами, прибавляет сдвиг и применяет функцию {h}:",
)
NEURON_WEIGHTS = Text(
    "{weights}: the parameters, found by training", "{weights} — параметры нейрона, они настраиваются при обучении"
)
NEURON_FUNCTION = Text(
    "{h}: the activation function, a hyperparameter: it is chosen beforehand",
    "{h} — функция активации, гиперпараметр нейрона: выбирается заранее",
)
NEURON_OUTPUT = Text("{y}: the output of the neuron", "{y} — выход нейрона")
FICTITIOUS_INPUT = Text(
    "With a fictitious input {one} the number of its own is a weight as any other:",
    "Если ввести фиктивный вход {one}, сдвиг становится ещё одним весом:",
)
COMPOSED = Text(
    "A neural network is a composition of neurons: outputs of some are inputs of others.",
    "Нейронная сеть — композиция нейронов: выходы одних служат входами других.",
)
LAYERS = Text("A network with a hidden layer", "Сеть со скрытым слоем")
LAYERS_INPUTS = Text("{inputs}: the inputs, {one} the fictitious one", "{inputs} — входы, {one} — фиктивный вход")
LAYERS_HIDDEN = Text(
    "{z}: the outputs of the {M} neurons of the hidden layer, {weights} their weights; {one} is a fictitious element",
    "{z} — выходы {M} нейронов скрытого слоя, {weights} — их веса; {one} — фиктивный элемент",
)
LAYERS_OUTPUTS = Text(
    "{y}: the outputs of the {K} neurons of the output layer, {weights} their weights",
    "{y} — выходы {K} нейронов выходного слоя, {weights} — их веса",
)
LAYERS_CAPTION = Text(
    "Every neuron of a layer reads all values of the layer before it; the fictitious ones are drawn dashed.",
    "Каждый нейрон слоя получает все значения предыдущего слоя; фиктивные показаны пунктиром.",
)

# --- what is trained
COMPONENTS = words.COMPONENTS
SAMPLE = Text(
    "{sample}: the training sample, {N} objects {x}, each with its right answer {y}",
    "{sample} — обучающая выборка: {N} объектов {x} с правильными ответами {y}",
)
MODEL = Text("{a}: the model, here a neural network", "{a} — модель, здесь нейронная сеть")
OBJECT = Text("{x}: the object that it is given", "{x} — объект, который подаётся на вход")
PARAMETERS = Text(
    "{w}: its parameters, the weights of all inputs of all neurons",
    "{w} — параметры: веса всех входов всех нейронов",
)
ARCHITECTURE = Text(
    "how many neurons there are and what feeds what, the architecture, is a hyperparameter",
    "сколько нейронов и что с чем соединено, то есть архитектура, — гиперпараметр",
)
LOSS = Text(
    "{L}: the loss function, what an answer {p} costs where {y} is right",
    "{L} — функция потерь: цена ответа {p} при правильном ответе {y}",
)
MINIMISED = Text(
    "The loss on the whole sample is made as small as the weights can make it, by gradient descent. "
    "So its gradient {gradient} is wanted:",
    "Веса подбираются так, чтобы потери на всей выборке были как можно меньше, градиентным спуском. "
    "Для него нужен градиент {gradient}:",
)

# --- σ
SIGMOID = Text("The sigmoid and its derivative", "Сигмоида и её производная")
SIGMOID_SAYS = Text(
    "The activation function of the examples is the sigmoid:", "В примерах функция активации — сигмоида:"
)
SIGMOID_SLOPE = Text(
    "Its derivative needs no exponential once its value is known:",
    "Производная сигмоиды выражается через её значение:",
)
SIGMOID_PLOT = Text("The sigmoid and its derivative", "Сигмоида и её производная")

# --- one neuron
ONE_NEURON = words.EXAMPLE_ONE_NEURON
ONE_NEURON_SAYS = Text(
    "The model is one neuron with {d} inputs and the fictitious {one}; an upper index is the number of an input:",
    "Модель — один нейрон с {d} входами и фиктивным входом {one}; верхний индекс — номер входа:",
)
ASKED = Text("What is the derivative of the loss on the sample?", "Чему равна производная потерь на выборке?")
COMPOSITION = Text(
    "The loss is a function of a function of a function of {w}, so one rule is used again and again:",
    "Потери — функция от функции от функции от {w}, поэтому раз за разом применяется одно правило:",
)

# --- one hidden layer
HIDDEN_LAYER = words.EXAMPLE_HIDDEN_LAYER
HIDDEN_LAYER_SAYS = Text(
    "Now {J} neurons {z} with weights {w1}, and one neuron {p} with weights {w2} that reads them:",
    "Теперь {J} нейронов {z} с весами {w1} и один нейрон {p} с весами {w2}, который получает их выходы:",
)
OUTPUT_WEIGHTS = Text("The weights of the output neuron:", "Веса выходного нейрона:")
HIDDEN_WEIGHTS = Text(
    "The weights of a hidden neuron act through all {J} values of the layer; only {z} holds {w1}, "
    "so of the sum one term is left:",
    "Веса скрытого нейрона могли бы действовать через все {J} значений слоя, но {w1} входит только в {z}, "
    "и от суммы остаётся одно слагаемое:",
)

# --- the general scheme
SCHEME = Text("The general scheme", "Общая схема градиента")
SCHEME_MODEL = Text(
    "{a}: a network, a composition of functions that have derivatives",
    "{a} — сеть, композиция дифференцируемых функций",
)
SCHEME_LOSS = Text("{L}: a loss function that has a derivative", "{L} — дифференцируемая функция потерь")
SCHEME_OBJECTIVE = Text(
    "{Q}: the loss on the sample, so a composition of such functions too",
    "{Q} — потери на выборке, а значит, тоже композиция дифференцируемых функций",
)
SCHEME_SAYS = Text(
    "Let {alpha} be all that {Q} is computed from directly, {beta} all that these are computed from, and so on. "
    "Layer by layer, back to the weight {w}:",
    "Пусть {alpha} — всё, от чего {Q} зависит непосредственно, {beta} — всё, от чего зависят они, и так далее. "
    "Слой за слоем, назад к весу {w}:",
)

# --- forwards and backwards
FORWARD = Text("Forward pass: the network is applied", "Прямой ход: применение сети")
FORWARD_SAYS = Text(
    "In a graph of neurons every node waits for the values that it reads. The node {node} reads {x} and {y}:",
    "В графе нейронов каждый узел ждёт значений, от которых зависит. Узел {node} получает {x} и {y}:",
)
FORWARD_CAPTION = Text(
    "Values run from left to right; on an arrow stands its weight, and each node has one more for its input 1.",
    "Значения идут слева направо; на стрелке написан её вес, ещё один вес каждого узла стоит при фиктивном входе 1.",
)
BACKWARD = Text("Backward pass: the network is trained", "Обратный ход: обучение сети")
BACKWARD_SAYS = Text(
    "The derivative of {Q} by the value {alpha} of a node is called the error of the node. "
    "This is backpropagation of the error:",
    "Производная {Q} по значению {alpha} узла называется ошибкой этого узла. Отсюда название: "
    "обратное распространение ошибки.",
)
BACKWARD_WEIGHT = Text(
    "With it the gradient by the weights of a node costs one product, for each object of the sample:",
    "Через неё градиент по весам узла получается одним умножением для каждого объекта выборки:",
)
BACKWARD_SUM = Text(
    "The value {x} feeds three nodes. Their errors are known when its own is wanted, and each sends back a term:",
    "Значение {x} идёт в три узла. К моменту, когда нужна его ошибка, их ошибки уже известны, и каждый возвращает "
    "слагаемое:",
)
BACKWARD_CAPTION = Text(
    "Errors run from right to left; at every node stands its error, and {x} adds up what comes back.",
    "Ошибки идут справа налево; у каждого узла написана его ошибка, и в {x} складывается всё, что вернулось.",
)

# --- training
TRAINING = Text("Training any network", "Обучение любой сети")
TRAINING_SAYS = Text(
    "Nothing above depends on the architecture. With a sample {sample}, a network {a} and a loss function {L}:",
    "Выше ничто не зависит от архитектуры. Есть выборка {sample}, сеть {a} и функция потерь {L}:",
)
ANY_METHOD = words.OPTIMISATION
REGULARISED = Text("Networks with regularisation", "Сети с регуляризацией")
REGULARISED_SAYS = Text(
    "To keep the weights small, a function {R} of the weights alone is added; its gradient is added too.",
    "Чтобы веса не росли, добавляется функция регуляризации {R}, зависящая только от весов; "
    "её градиент прибавляется к градиенту потерь.",
)
REGULARISED_EXAMPLE = Text(
    "For one neuron, the loss {L} and {R}:",
    "Например, для одного нейрона с потерями {L} и регуляризацией {R}:",
)
SOURCES = Text("Sources", "Источники")
BISHOP = Text(
    "C. Bishop. Pattern Recognition and Machine Learning. Chapter 5.",
    "Bishop C. Pattern Recognition and Machine Learning. Глава 5.",
)
