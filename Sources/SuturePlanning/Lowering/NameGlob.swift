/// Whether a name fits a glob, in which `*` stands for any run of characters and `?` for one.
///
/// Takes time proportional to the product of the lengths at worst, whatever the glob.
func matchesGlob(_ glob: String, _ name: String) -> Bool {
    let pattern = Array(glob.utf8)
    let text = Array(name.utf8)
    var p = 0
    var t = 0
    var star: (pattern: Int, text: Int)?
    while t < text.count {
        if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
            star = (p, t)
            p += 1
        } else if p < pattern.count, pattern[p] == text[t] || pattern[p] == UInt8(ascii: "?") {
            p += 1
            t += 1
        } else if let last = star {
            p = last.pattern + 1
            t = last.text + 1
            star = (last.pattern, t)
        } else {
            return false
        }
    }
    while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
    return p == pattern.count
}
