package process

type executor struct{}

func (s *Spawner) execute(b *block) (Child, error) { return Child{}, failed(stepFork, "", 38) }
func takesPath(nr int64, arg int) bool             { return false }
