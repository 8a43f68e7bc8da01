// Who imports the front door needs the words that it speaks: plans, diagnostics, tensors.
@_exported public import SutureDiagnostics
@_exported public import SuturePlanning
@_exported public import SutureTensors
