"""
name = "a_dict_for_each_neuron"
loss = "half_squared"
output = "o"
inputs = { x = 3 }
[nodes.h]
inputs = ["x"]
width = 4
activation = "sigmoid"
[nodes.o]
inputs = ["h"]
width = 2
activation = "sigmoid"
"""

# slip train_row: neuron['delta'] = errors[j] * transfer_derivative(neuron['output']) => neuron['delta'] = errors[j] => sigmoid′ of h is left out
# slip train_row: errors.append(neuron['output'] - expected[j]) => errors.append(expected[j] - neuron['output']) => sign
from math import exp


def activate(weights, inputs):
    activation = weights[-1]
    for i in range(len(weights) - 1):
        activation += weights[i] * inputs[i]
    return activation


def transfer(activation):
    return 1.0 / (1.0 + exp(-activation))


def forward_propagate(network, row):
    inputs = row
    for layer in network:
        new_inputs = []
        for neuron in layer:
            activation = activate(neuron['weights'], inputs)
            neuron['output'] = transfer(activation)
            new_inputs.append(neuron['output'])
        inputs = new_inputs
    return inputs


def transfer_derivative(output):
    return output * (1.0 - output)


def backward_propagate_error(network, expected):
    for i in reversed(range(len(network))):
        layer = network[i]
        errors = list()
        if i != len(network) - 1:
            for j in range(len(layer)):
                error = 0.0
                for neuron in network[i + 1]:
                    error += (neuron['weights'][j] * neuron['delta'])
                errors.append(error)
        else:
            for j in range(len(layer)):
                neuron = layer[j]
                errors.append(neuron['output'] - expected[j])
        for j in range(len(layer)):
            neuron = layer[j]
            neuron['delta'] = errors[j] * transfer_derivative(neuron['output'])


def update_weights(network, row, l_rate):
    for i in range(len(network)):
        inputs = row
        if i != 0:
            inputs = [neuron['output'] for neuron in network[i - 1]]
        for neuron in network[i]:
            for j in range(len(inputs)):
                neuron['weights'][j] -= l_rate * neuron['delta'] * inputs[j]
            neuron['weights'][-1] -= l_rate * neuron['delta']


def train_row(network, row, expected, l_rate):
    forward_propagate(network, row)
    backward_propagate_error(network, expected)
    update_weights(network, row, l_rate)
