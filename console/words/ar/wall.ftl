# الجدار.

wall-title = ما تعرضه الشارات الآن
wall-on = { $count } من { $of } شارة متصلة.
wall-troubled = { $count ->
    [one] واحدة تحتاج إلى نظرة.
    [two] اثنتان تحتاجان إلى نظرة.
   *[other] { $count } تحتاج إلى نظرة.
}
wall-running = يُعلن الآن
wall-groups = اعرض فقط
wall-everyone = الكل
wall-order = التي تحتاج إلى نظرة أولًا
wall-empty = لم تنضم شارة بعد.
wall-empty-group = لا شارة في هذه المجموعة.
wall-claim = استلم شارتك الأولى
simulated = أو شغّل 20 شارة محاكاة
simulated-why = اكتب هذا على جهاز فيه المحاكي، وكلمة مرورك في ملف اسمه password. الصفحة لا تشغّل برامج.
wall-others = { $count ->
    [one] اعرض واحدة أخرى
    [two] اعرض اثنتين أخريين
   *[other] اعرض { $count } أخرى
}
wall-state-on = تعمل
wall-state-off = مطفأة
wall-state-trouble = تحتاج إلى نظرة
wall-off-since = مطفأة { $time }
mosaic-alt = { $count ->
    [one] شارة واحدة بحسب حالتها
    [two] شارتان بحسب الحالة
   *[other] { $count } شارة، خلية لكل واحدة، مرتبة بحسب الحالة
}
mosaic-state = الحالة
mosaic-badges = الشارات
