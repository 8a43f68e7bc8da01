// Who imports the front door needs the words that it speaks: whole rooms of words, plans as values, and what single words
// of other rooms mean in its calls. Nothing else of the house is seen through it.
@_exported public import SutureDiagnostics
@_exported public import struct SutureExecution.Part
@_exported public import SutureJSON
@_exported public import SutureMergekit
@_exported public import struct SutureMerging.MergeRelease
@_exported public import SuturePlanning
@_exported public import enum SutureRecipes.MergekitOption
@_exported public import struct SutureRecipes.RecipeTemplate
@_exported public import SutureTensors
