/// The loops that take most of the time, over spans and plain numbers only.
///
/// This folder is built several times: here for every machine of the architecture, and as `SutureLoopsV3` and
/// `SutureLoopsV4` for processors with wider vectors. ``InstructionSet`` chooses at run time. The compiler neither
/// reorders nor contracts floating-point steps, so that all of them give the same bits.
///
/// What is in it calls nothing generic outside of it: code that two modules share must not be the one that was built for
/// the newer processor.
package enum Loops {}
