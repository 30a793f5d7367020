"""
name = "a_net_that_a_function_builds"
loss = "cross_entropy"
output = "p"
reduction = "mean"
inputs = { x = "D" }
sizes = { D = 4, H = 5, J = 3, K = 3 }
[nodes]
z1 = { inputs = ["x"], width = "H", activation = "elu" }
z2 = { inputs = ["z1"], width = "J", activation = "softplus" }
p = { inputs = ["z2"], width = "K", activation = "softmax" }
"""

# right train_on_batch
# slip train_on_batch: self.output + self.alpha) => self.alpha * np.exp(self.output)) => elu′ of z1 is taken at z1
# Домашнее задание: пишем свой фреймворк для нейросетей (как в старом torch)
import numpy as np


class Module(object):
    """
    Базовый класс. Модуль — это чёрный ящик, который умеет считать выход по входу (forward)
    и производные по входу и по своим параметрам (backward).
    """
    def __init__(self):
        self.output = None
        self.gradInput = None

    def forward(self, input):
        return self.updateOutput(input)

    def backward(self, input, gradOutput):
        self.updateGradInput(input, gradOutput)
        self.accGradParameters(input, gradOutput)
        return self.gradInput

    def accGradParameters(self, input, gradOutput):
        pass

    def zeroGradParameters(self):
        pass

    def getParameters(self):
        return []

    def getGradParameters(self):
        return []


class Sequential(Module):
    """Последовательность модулей"""
    def __init__(self):
        super().__init__()
        self.modules = []

    def add(self, module):
        self.modules.append(module)
        return self

    def updateOutput(self, input):
        # запоминаем входы всех слоёв, они нужны при обратном проходе
        self.inputs = [input]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        self.output = self.inputs[-1]
        return self.output

    def backward(self, input, gradOutput):
        for i in range(len(self.modules) - 1, -1, -1):
            gradOutput = self.modules[i].backward(self.inputs[i], gradOutput)
        self.gradInput = gradOutput
        return self.gradInput

    def zeroGradParameters(self):
        for module in self.modules:
            module.zeroGradParameters()

    def getParameters(self):
        return [x.getParameters() for x in self.modules]

    def getGradParameters(self):
        return [x.getGradParameters() for x in self.modules]


class Linear(Module):
    """Полносвязный слой: вход (batch_size x n_in), выход (batch_size x n_out)"""
    def __init__(self, n_in, n_out):
        super().__init__()
        # инициализация как в torch
        stdv = 1. / np.sqrt(n_in)
        self.W = np.random.uniform(-stdv, stdv, size=(n_out, n_in))
        self.b = np.random.uniform(-stdv, stdv, size=n_out)
        self.gradW = np.zeros_like(self.W)
        self.gradb = np.zeros_like(self.b)

    def updateOutput(self, input):
        self.output = np.dot(input, self.W.T) + self.b
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = np.dot(gradOutput, self.W)
        return self.gradInput

    def accGradParameters(self, input, gradOutput):
        self.gradW += np.dot(gradOutput.T, input)
        self.gradb += np.sum(gradOutput, axis=0)

    def zeroGradParameters(self):
        self.gradW.fill(0)
        self.gradb.fill(0)

    def getParameters(self):
        return [self.W, self.b]

    def getGradParameters(self):
        return [self.gradW, self.gradb]


class SoftPlus(Module):
    def updateOutput(self, input):
        self.output = np.log(1. + np.exp(input))
        return self.output

    def updateGradInput(self, input, gradOutput):
        # производная softplus — сигмоида
        self.gradInput = gradOutput / (1. + np.exp(-input))
        return self.gradInput


class ELU(Module):
    def __init__(self, alpha=1.0):
        super().__init__()
        self.alpha = alpha

    def updateOutput(self, input):
        self.output = np.where(input > 0, input, self.alpha * (np.exp(input) - 1))
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput * np.where(input > 0, 1.0, self.output + self.alpha)
        return self.gradInput


class LogSoftMax(Module):
    def updateOutput(self, input):
        # вычитаем максимум для численной устойчивости
        shifted = np.subtract(input, input.max(axis=1, keepdims=True))
        self.output = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput - np.exp(self.output) * np.sum(gradOutput, axis=1, keepdims=True)
        return self.gradInput


class ClassNLLCriterion(object):
    """Отрицательное логарифмическое правдоподобие, target — one-hot, усредняем по батчу"""
    def forward(self, input, target):
        self.output = -np.sum(target * input) / input.shape[0]
        return self.output

    def backward(self, input, target):
        self.gradInput = -target / input.shape[0]
        return self.gradInput


def build_net(n_in=4, n_hidden=5, n_hidden2=3, n_out=3):
    net = Sequential()
    net.add(Linear(n_in, n_hidden))
    net.add(ELU())
    net.add(Linear(n_hidden, n_hidden2))
    net.add(SoftPlus())
    net.add(Linear(n_hidden2, n_out))
    net.add(LogSoftMax())
    return net


def train_on_batch(net, criterion, x_batch, y_batch):
    """Один шаг: возвращает значение функции потерь, градиенты лежат в net.getGradParameters()"""
    net.zeroGradParameters()

    # прямой проход
    predictions = net.forward(x_batch)
    loss = criterion.forward(predictions, y_batch)

    # обратный проход
    dp = criterion.backward(predictions, y_batch)
    net.backward(x_batch, dp)
    return loss
