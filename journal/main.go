package journal
func Main(args []string) int { return 0 }
