import Engine

/// What a signal to end reaches while a request is being answered: our own reconciler, or only our waiting.
actor Interruption {
    private(set) var isSet = false
    private var reconciler: Reconciler?

    /// From now on the reconciler is told.
    func reaches(_ reconciler: Reconciler) async {
        self.reconciler = reconciler
        if isSet { await reconciler.end(kills: false) }
    }

    /// A signal came; the second one kills.
    func end(kills: Bool) async {
        isSet = true
        await reconciler?.end(kills: kills)
    }
}
