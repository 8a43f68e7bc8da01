@main
enum Suture {
    static func main() {}
}
