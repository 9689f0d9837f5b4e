# المجموعات.

groups-none = لا توجد مجموعات بعد. المجموعة عدد من الشارات يمكن أن يوجَّه إليها إعلان.
groups-badges = { $count ->
    [zero] لا شارات
    [one] شارة واحدة
    [two] شارتان
    [few] { $count } شارات
    [many] { $count } شارة
   *[other] { $count } شارة
}
groups-new = مجموعة جديدة
groups-name = الاسم
groups-make = أنشئ المجموعة
groups-taken = توجد مجموعة بهذا الاسم.
groups-members = الشارات فيها
groups-empty = لا شارة فيها بعد.
groups-find-in = ابحث فيها
groups-add = أضف شارات
groups-who = رموز أو اسم
groups-who-hint = عدة رموز معًا، أو جزء من اسم أو مالك للاختيار.
groups-which = أي منها؟
groups-add-do = أضف
groups-nothing-found = لا شارة بهذا الرمز أو الاسم أو المالك.
groups-nothing-chosen = اختر شارة واحدة على الأقل.
groups-take-out = أخرج شارات
groups-take-out-do = أخرج
groups-change = المجموعة نفسها
groups-rename = غيّر الاسم
groups-dissolve = حلّ …
groups-dissolve-why = تبقى الشارات؛ وتنتهي إعلانات هذه المجموعة لمن كان فيها وحدها.
groups-dissolve-yes = حلّها
said-group = حُفظت { $what }.
said-group-added = أُضيفت إلى { $what }.
said-group-removed = أُخرجت من { $what }.
said-group-dissolved = حُلّت { $what }.
