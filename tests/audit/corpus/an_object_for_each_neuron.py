"""
name = "an_object_for_each_neuron"
loss = "half_squared"
output = "o"
inputs = { x = 2 }
[nodes]
h = { inputs = ["x"], width = 3, activation = "sigmoid" }
o = { inputs = ["h"], width = 2, activation = "sigmoid" }
"""

# right NeuralNetwork.train
# slip NeuralNetwork.train: return -(target - self.output) * self.pd_out_wrt_net() => return -(target - self.output) => sigmoid′ of o is left out
# slip NeuralNetwork.train: pd_hid[h] = d_error * self.hidden_layer.neurons[h].pd_out_wrt_net() => pd_hid[h] = d_error * self.hidden_layer.neurons[h].output => sigmoid itself stands for sigmoid′ of h
import random
import math

class NeuralNetwork:
    LEARNING_RATE = 0.5

    def __init__(self, num_inputs, num_hidden, num_outputs):
        self.num_inputs = num_inputs
        self.hidden_layer = NeuronLayer(num_hidden, num_inputs)
        self.output_layer = NeuronLayer(num_outputs, num_hidden)

    def feed_forward(self, inputs):
        hidden_layer_outputs = self.hidden_layer.feed_forward(inputs)
        return self.output_layer.feed_forward(hidden_layer_outputs)

    def train(self, training_inputs, training_outputs):
        self.feed_forward(training_inputs)
        pd_out = [0] * len(self.output_layer.neurons)
        for o in range(len(self.output_layer.neurons)):
            pd_out[o] = self.output_layer.neurons[o].pd_error_wrt_net(training_outputs[o])
        pd_hid = [0] * len(self.hidden_layer.neurons)
        for h in range(len(self.hidden_layer.neurons)):
            d_error = 0
            for o in range(len(self.output_layer.neurons)):
                d_error += pd_out[o] * self.output_layer.neurons[o].weights[h]
            pd_hid[h] = d_error * self.hidden_layer.neurons[h].pd_out_wrt_net()
        for o in range(len(self.output_layer.neurons)):
            neuron = self.output_layer.neurons[o]
            for w_ho in range(len(neuron.weights)):
                neuron.weights[w_ho] -= self.LEARNING_RATE * pd_out[o] * neuron.inputs[w_ho]
            neuron.bias -= self.LEARNING_RATE * pd_out[o]
        for h in range(len(self.hidden_layer.neurons)):
            neuron = self.hidden_layer.neurons[h]
            for w_ih in range(len(neuron.weights)):
                neuron.weights[w_ih] -= self.LEARNING_RATE * pd_hid[h] * neuron.inputs[w_ih]
            neuron.bias -= self.LEARNING_RATE * pd_hid[h]

class NeuronLayer:
    def __init__(self, num_neurons, num_inputs):
        self.neurons = []
        for i in range(num_neurons):
            self.neurons.append(Neuron(random.random(), [random.random() for _ in range(num_inputs)]))

    def feed_forward(self, inputs):
        outputs = []
        for neuron in self.neurons:
            outputs.append(neuron.calculate_output(inputs))
        return outputs

class Neuron:
    def __init__(self, bias, weights):
        self.bias = bias
        self.weights = weights

    def calculate_output(self, inputs):
        self.inputs = inputs
        total = 0
        for i in range(len(self.inputs)):
            total += self.inputs[i] * self.weights[i]
        self.output = 1 / (1 + math.exp(-(total + self.bias)))
        return self.output

    def pd_error_wrt_net(self, target):
        return -(target - self.output) * self.pd_out_wrt_net()

    def pd_out_wrt_net(self):
        return self.output * (1 - self.output)

nn = NeuralNetwork(2, 3, 2)
