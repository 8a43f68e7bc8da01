/// A recipe to begin with: a technique, what must be known to use it, and the commented text.
package struct RecipeTemplate: Sendable {
    /// The technique's name, as `recipe new` takes it.
    package let name: String
    /// What it makes, in a sentence.
    package let summary: String
    /// What must be known, in the order in which to ask.
    package let questions: [Question]

    private let write: @Sendable (Answers) -> String

    init(
        _ name: String,
        _ summary: String,
        asks questions: [Question],
        write: @escaping @Sendable (Answers) -> String
    ) {
        self.name = name
        self.summary = summary
        self.questions = questions
        self.write = write
    }

    /// One thing to know.
    package struct Question: Sendable {
        /// The flag that answers it, without dashes.
        package let flag: String
        /// The question, to a person.
        package let text: String
        /// What an answer must be.
        package let kind: Kind
        /// The answer when none is given; empty where the recipe leaves it open.
        package let fallback: String

        /// What an answer must be.
        package enum Kind: Hashable, Sendable {
            /// A folder or `owner/name`; empty to leave it to whoever runs the recipe.
            case model
            /// A whole number, at least this.
            case integer(least: Int)
            /// A number between two.
            case number(ClosedRange<Double>)
            /// One of these words.
            case choice([String])

            /// Why an answer is none; `nil` when it is.
            package func fault(in answer: String) -> String? {
                switch self {
                case .model: return nil
                case .integer(let least):
                    guard let value = Int(answer) else { return "'\(answer)' is no whole number" }
                    return value < least ? "\(value) is less than \(least)" : nil
                case .number(let range):
                    guard let value = Double(answer), value.isFinite else { return "'\(answer)' is no number" }
                    return range.contains(value)
                        ? nil : "\(value) is not between \(range.lowerBound) and \(range.upperBound)"
                case .choice(let words):
                    return words.contains(answer) ? nil : "'\(answer)' is none of \(words.joined(separator: ", "))"
                }
            }
        }
    }

    /// Answers by flag.
    struct Answers {
        let given: [String: String]
        let questions: [Question]

        /// The answer to a question; the default where none, or one that is no answer, is given.
        subscript(flag: String) -> String {
            guard let question = questions.first(where: { $0.flag == flag }) else { return "" }
            guard let answer = given[flag], !answer.isEmpty, question.kind.fault(in: answer) == nil else {
                return question.fallback
            }
            return answer
        }

        /// A model as the value of an input: `{}` where it is left open.
        func model(_ flag: String) -> String {
            self[flag].isEmpty ? "{}" : PrintedYAML.quoted(self[flag], inFlow: false)
        }

        /// A line that shows how to give the models that are left open.
        func command(_ inputs: [String]) -> String {
            let open = inputs.filter { self[$0].isEmpty }.map { " --input \($0)=owner/name" }
            return "suture plan THIS-FILE" + open.joined()
        }
    }

    /// Writes the recipe.
    ///
    /// - Parameter answers: Answers by flag; what is not answered has its default.
    /// - Returns: A commented recipe that the parser takes.
    package func text(_ answers: [String: String]) -> String {
        write(Answers(given: answers, questions: questions))
    }

    /// All of them.
    package static let all = [solar, interleave, splice, expand, prune, blend]
}
