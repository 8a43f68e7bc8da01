import SutureMerging
import SuturePlanning
import SutureTensors

extension Plan.Tensor {
    /// The bytes that are read and written to make it: what the parts of a plan are balanced by.
    ///
    /// A merge method that surveys its sources reads them once for each survey and once more to compute.
    ///
    /// - Throws: ``ExecutionError`` where it cannot be computed.
    func work(in plan: Plan) throws(ExecutionError) -> Int {
        guard spec.byteCount > 0 else { return 0 }
        guard movedBytes == nil, gatheredBytes == nil, !isZeroBytes else {
            return min(2 * spec.byteCount, Self.mostWork)
        }
        let cost = try ComputedTensor(self, of: plan).makeEvaluator(settings: plan.settings).cost
        return min(spec.byteCount + min(cost.readByteCount, Self.mostWork), Self.mostWork)
    }

    /// More than any tensor takes, and little enough that the work of all can be added up.
    private static let mostWork = 1 << 38
}
