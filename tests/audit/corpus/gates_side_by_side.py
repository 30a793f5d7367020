"""
name = "gates_side_by_side"
output = "Hout"
loss = "L[i] = Sum(g[i,t,j]*Hout[i,t,j], t, j)"
target = { g = ["T", "H"] }
[inputs]
X = ["T", "D"]
[sizes]
T = 3
D = 2
H = 4
[nodes.gi]
formula = "gi[i,t,j] = sigmoid(W[0,j] + Sum(W[d+1,j]*X[i,t,d], d) + Sum(W[k+D+1,j]*Hout[i,t-1,k], k))"
width = ["T", "H"]
parameters = { W = ["D + H + 1", "4*H"] }
[nodes.gf]
formula = "gf[i,t,j] = sigmoid(W[0,j+H] + Sum(W[d+1,j+H]*X[i,t,d], d) + Sum(W[k+D+1,j+H]*Hout[i,t-1,k], k))"
width = ["T", "H"]
parameters = { W = ["D + H + 1", "4*H"] }
[nodes.go]
formula = "go[i,t,j] = sigmoid(W[0,j+2*H] + Sum(W[d+1,j+2*H]*X[i,t,d], d) + Sum(W[k+D+1,j+2*H]*Hout[i,t-1,k], k))"
width = ["T", "H"]
parameters = { W = ["D + H + 1", "4*H"] }
[nodes.ga]
formula = "ga[i,t,j] = tanh(W[0,j+3*H] + Sum(W[d+1,j+3*H]*X[i,t,d], d) + Sum(W[k+D+1,j+3*H]*Hout[i,t-1,k], k))"
width = ["T", "H"]
parameters = { W = ["D + H + 1", "4*H"] }
[nodes.C]
formula = "C[i,t,j] = gf[i,t,j]*C[i,t-1,j] + gi[i,t,j]*ga[i,t,j]"
width = ["T", "H"]
start = 0
[nodes.Hout]
formula = "Hout[i,t,j] = go[i,t,j]*tanh(C[i,t,j])"
width = ["T", "H"]
start = 0
"""

# right LSTM.backward
import numpy as np

class LSTM:
  @staticmethod
  def init(input_size, hidden_size, fancy_forget_bias_init=3):
    WLSTM = np.random.randn(input_size + hidden_size + 1, 4 * hidden_size) / np.sqrt(input_size + hidden_size)
    WLSTM[0,:] = 0
    return WLSTM

  @staticmethod
  def forward(X, WLSTM, c0=None, h0=None):
    n,b,input_size = X.shape
    d = WLSTM.shape[1]//4
    if c0 is None: c0 = np.zeros((b,d))
    if h0 is None: h0 = np.zeros((b,d))
    xphpb = WLSTM.shape[0]
    Hin = np.zeros((n, b, xphpb))
    Hout = np.zeros((n, b, d))
    IFOG = np.zeros((n, b, d * 4))
    IFOGf = np.zeros((n, b, d * 4))
    C = np.zeros((n, b, d))
    Ct = np.zeros((n, b, d))
    for t in range(n):
      prevh = Hout[t-1] if t > 0 else h0
      Hin[t,:,0] = 1
      Hin[t,:,1:input_size+1] = X[t]
      Hin[t,:,input_size+1:] = prevh
      IFOG[t] = Hin[t].dot(WLSTM)
      IFOGf[t,:,:3*d] = 1.0/(1.0+np.exp(-IFOG[t,:,:3*d]))
      IFOGf[t,:,3*d:] = np.tanh(IFOG[t,:,3*d:])
      prevc = C[t-1] if t > 0 else c0
      C[t] = IFOGf[t,:,:d] * IFOGf[t,:,3*d:] + IFOGf[t,:,d:2*d] * prevc
      Ct[t] = np.tanh(C[t])
      Hout[t] = IFOGf[t,:,2*d:3*d] * Ct[t]
    cache = {}
    cache['WLSTM'] = WLSTM
    cache['Hout'] = Hout
    cache['IFOGf'] = IFOGf
    cache['IFOG'] = IFOG
    cache['C'] = C
    cache['Ct'] = Ct
    cache['Hin'] = Hin
    cache['c0'] = c0
    cache['h0'] = h0
    return Hout, C[t], Hout[t], cache

  @staticmethod
  def backward(dHout_in, cache, dcn=None, dhn=None):
    WLSTM = cache['WLSTM']
    Hout = cache['Hout']
    IFOGf = cache['IFOGf']
    IFOG = cache['IFOG']
    C = cache['C']
    Ct = cache['Ct']
    Hin = cache['Hin']
    c0 = cache['c0']
    h0 = cache['h0']
    n,b,d = Hout.shape
    input_size = WLSTM.shape[0] - d - 1
    dIFOG = np.zeros(IFOG.shape)
    dIFOGf = np.zeros(IFOGf.shape)
    dWLSTM = np.zeros(WLSTM.shape)
    dHin = np.zeros(Hin.shape)
    dC = np.zeros(C.shape)
    dX = np.zeros((n,b,input_size))
    dh0 = np.zeros((b, d))
    dc0 = np.zeros((b, d))
    dHout = dHout_in.copy()
    if dcn is not None: dC[n-1] += dcn.copy()
    if dhn is not None: dHout[n-1] += dhn.copy()
    for t in reversed(range(n)):
      tanhCt = Ct[t]
      dIFOGf[t,:,2*d:3*d] = tanhCt * dHout[t]
      dC[t] += (1-tanhCt**2) * (IFOGf[t,:,2*d:3*d] * dHout[t])
      if t > 0:
        dIFOGf[t,:,d:2*d] = C[t-1] * dC[t]
        dC[t-1] += IFOGf[t,:,d:2*d] * dC[t]
      else:
        dIFOGf[t,:,d:2*d] = c0 * dC[t]
        dc0 = IFOGf[t,:,d:2*d] * dC[t]
      dIFOGf[t,:,:d] = IFOGf[t,:,3*d:] * dC[t]
      dIFOGf[t,:,3*d:] = IFOGf[t,:,:d] * dC[t]
      dIFOG[t,:,3*d:] = (1 - IFOGf[t,:,3*d:] ** 2) * dIFOGf[t,:,3*d:]
      y = IFOGf[t,:,:3*d]
      dIFOG[t,:,:3*d] = (y*(1.0-y)) * dIFOGf[t,:,:3*d]
      dWLSTM += np.dot(Hin[t].transpose(), dIFOG[t])
      dHin[t] = dIFOG[t].dot(WLSTM.transpose())
      dX[t] = dHin[t,:,1:input_size+1]
      if t > 0:
        dHout[t-1,:] += dHin[t,:,input_size+1:]
      else:
        dh0 += dHin[t,:,input_size+1:]
    return dX, dWLSTM, dc0, dh0
