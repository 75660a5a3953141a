package credit

// What a form has to ask about an item.

// Measured says whether a record of the item states a measured value.
func (it *Item) Measured() bool {
	return it.Mode == bandPoints || it.Mode == ratioPoints || it.Mode == unitPoints
}

// Discretionary says whether who identifies a record chooses its points (PC-17).
func (it *Item) Discretionary() bool { return it.Mode == discretionPoints }

// Personal says whether only a person can be scored by the item.
func (it *Item) Personal() bool {
	return (it.For(Manager) || it.For(Staff)) && !it.For(Project) && !it.For(Enterprise) && !it.For(Branch)
}
