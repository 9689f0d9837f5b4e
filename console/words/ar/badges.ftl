# الشارات: القائمة وواحدة منها.

next-page = الصفحة التالية
badges-total = { $count ->
    [zero] لا شارات
    [one] شارة واحدة
    [two] شارتان
    [few] { $count } شارات
    [many] { $count } شارة
   *[other] { $count } شارة
}
badges-claim = ضمّ شارة
badges-claim-first = ضمّ شارتك الأولى
badges-find = الاسم أو الرمز أو المالك
badges-state = الحالة
badges-group = المجموعة
badges-any = الكل
badges-show = اعرض
badges-all = اعرض الكل
badges-none = لا توجد شارات بعد.
badges-none-found = لا توجد شارة كهذه.

badge-on = تعمل
badge-off = مطفأة
badge-unclaimed = لم تُضمّ
badge-on-since = تعمل منذ { $time }
badge-off-since = مطفأة منذ { $time }
badge-never-on = لم تعمل من قبل
badge-unclaimed-why = مسجّلة، ولم يضمّها جهاز بعد.
badge-no-owner = بلا مالك
badge-battery = { $percent } ٪
badge-battery-word = البطارية
badge-identify = اجعلها تومض
badge-now = ما تعرضه الآن
badge-still = أوقف الحركة
badge-changes-at = يتغير هذا تلقائيًا في { $time }.
badge-why = ولماذا
badge-nothing = لم يوضع عليها شيء، ولا إعلان موجّه إليها.
badge-layer-own = سطرها
badge-layer-normal = إعلان
badge-layer-urgent = إعلان عاجل
badge-layer-emergency = طوارئ
badge-why-own = يُعرض في دوره.
badge-why-normal = يُعرض في دوره بعد سطر الشارة.
badge-why-urgent = يُعرض في دوره قبل سطر الشارة.
badge-why-emergency = يأخذ اللوحة وحده ويخفي كل ما سواه.
badge-why-not-yet = لم يحن وقته.
badge-why-over = انتهى وقته.
badge-why-hidden = تخفيه حالة طوارئ، ويعود تلقائيًا.
badge-why-cut-off = تسبقه ثماني رسائل؛ لا تعرض الشارة أكثر.
badge-why-no-clock = لا تعرف الشارة الوقت بعد، فتعرض سطرها فقط.
badge-until = حتى { $time }.
badge-line = غيّر سطرها
badge-line-says = ما تقوله
badge-line-show = اعرض على هذه الشارة
badge-line-rich = لهذا السطر صور أو مؤثرات خاصة. السطر الجديد يحل محلها.
badge-line-changed = غيّر أحدهم السطر في هذه الأثناء. أيهما تعرض؟
badge-receipts = ما فعلته بالإعلانات
badge-no-receipts = لم يصلها شيء بعد.
badge-shown-in = عُرض بعد { $seconds } ث
badge-about = عنها
badge-owner = المالك
badge-model = الطراز
badge-unknown = غير معروف
badge-firmware = البرنامج الثابت
badge-signal = الإشارة
badge-dbm = { $number } dBm
badge-claimed-at = ضُمّت
badge-credential = تثبت هويتها بـ
badge-has-key = مفتاحها الخاص
badge-thumbprint = البصمة
badge-has-secret = سر
badge-has-none = لا شيء بعد
badge-groups = المجموعات
badge-tags = الوسوم
badge-edit = غيّر الاسم والمالك والمجموعات
badge-name = الاسم
badge-name-rule = للاسم من حرف إلى 200 حرف بلا مسافات حوله.
badge-tags-field = الوسوم، بينها فواصل
badge-tags-rule = للوسم من حرف إلى 64 حرفًا، وللشارة 32 وسمًا على الأكثر.
badge-save = احفظ
badge-ending = البدء من جديد والإنهاء
badge-new-code = رمز ضمّ جديد
badge-new-code-why = لجهاز مُسح أو استُبدل. يتوقف الرمز السابق عن العمل.
badge-code-once = يُعرض الآن فقط. ينضم الجهاز به قبل { $time }.
badge-copy = انسخ
badge-copied = نُسخ
badge-wipe = امسح …
badge-wipe-why = تنسى الشارة كل ما عندها، ويعود ما يجب أن تعرضه فورًا.
badge-wipe-yes = امسحها
badge-revoke = أبطل …
badge-revoke-why = ينتهي اتصالها خلال ثانية ولا تُقبل هويتها بعد ذلك. لا تعود إلا برمز ضمّ جديد.
badge-revoke-yes = أبطلها
badge-release = حرّر
badge-release-fresh = جاءت قبل قليل. التحرير يلغي ذلك.
badge-release-why = تغادر الشارة مؤسستك نهائيًا: اتصالها وسطرها ومالكها. يمكن ضمّ الجهاز من جديد.
badge-release-yes = حرّرها
badge-not-on = هي مطفأة فلا تستطيع ذلك الآن.
said-blinks = { $what } تومض الآن.
said-wiped = مُسحت { $what }.
said-revoked = أُبطلت { $what }. أنشئ رمز ضمّ جديدًا لإعادتها.
said-released = حُرّرت { $what }.
said-badge = حُفظت { $what }.
said-line = في الطريق إلى { $what }.

owner-label = المالك
owner-hint = جزء من الاسم؛ لا أحد إذا تُرك فارغًا.
owner-which = أيهم؟
owner-nobody = لا أحد
owner-more = يوجد المزيد. اكتب جزءًا أكبر من الاسم.
owner-none = لا أحد هنا بهذا الاسم.
owner-many = أكثر من شخص بهذا الاسم. اختر واحدًا.
owner-taken = لهذا الشخص شارة أخرى بالفعل.
