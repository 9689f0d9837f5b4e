# إعلان جديد.

level-normal = عادي
level-urgent = عاجل
level-emergency = طارئ
until = حتى
badges-count = { $count ->
    [zero] لا شارات
    [one] شارة واحدة
    [two] شارتان
    [few] { $count } شارات
    [many] { $count } شارة
   *[other] { $count } شارة
}
span-seconds = { $count ->
    [few] { $count } ثوانٍ
   *[other] { $count } ثانية
}
span-minutes = { $count ->
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $count } دقائق
   *[other] { $count } دقيقة
}
span-hours = { $count ->
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $count } ساعات
   *[other] { $count } ساعة
}

announce-earlier = ابدأ من إعلان سابق
announce-message = الرسالة
announce-wide-still = { $count ->
    [one] عرضها عمود واحد: ثابتة
    [two] عرضها عمودان: ثابتة
    [few] عرضها { $count } أعمدة: ثابتة
   *[other] عرضها { $count } عمودًا: ثابتة
}
announce-wide-moves = { $count ->
    [one] عرضها عمود واحد: تمر خلال { $seconds } ث
    [two] عرضها عمودان: تمر خلال { $seconds } ث
    [few] عرضها { $count } أعمدة: تمر خلال { $seconds } ث
   *[other] عرضها { $count } عمودًا: تمر خلال { $seconds } ث
}
announce-columns = { $count ->
    [one] عمود واحد
    [two] عمودان
    [few] { $count } أعمدة
   *[other] { $count } عمودًا
}
announce-movement = الحركة
announce-blink = وميض
announce-border = إطار
announce-more = السرعة، رسالة ثانية
announce-second = رسالة ثانية
announce-loud = درجة الأهمية
announce-normal-why = يتبع سطر صاحب الشارة.
announce-urgent-why = يأتي أولًا ثم سطر صاحب الشارة، بالتناوب.
announce-emergency-why = يشغل الشاشة وحده حتى تسحبه.
announce-key-this = هذا الإعلان
announce-key-own = سطر صاحب الشارة
announce-others = { $count ->
    [one] إعلان آخر من هذا النوع معروض. إعلانك الأحدث ويأتي أولًا.
    [two] إعلانان آخران من هذا النوع معروضان. إعلانك الأحدث ويأتي أولًا.
    [few] { $count } إعلانات أخرى من هذا النوع معروضة. إعلانك الأحدث ويأتي أولًا.
   *[other] { $count } إعلانًا آخر من هذا النوع معروض. إعلانك الأحدث ويأتي أولًا.
}
announce-who = من يعرضه
announce-all = كل الشارات
announce-some = بعضها فقط
announce-groups = المجموعات
announce-tags = الوسوم
announce-codes = شارات برموزها
announce-codes-hint = كما هي مكتوبة على الشارة، مثل B-7K2M. افصل بينها بمسافات.
announce-code-unknown = لا شارة لديك بهذا الرمز: { $code }
announce-connected = { $count ->
    [zero] لا شارة متصلة الآن.
    [one] شارة واحدة متصلة الآن.
    [two] شارتان متصلتان الآن.
    [few] { $count } شارات متصلة الآن.
   *[other] { $count } شارة متصلة الآن.
}
announce-away = { $count ->
    [one] واحدة ليست متصلة: تتلقاه إن عادت قبل { $time }.
    [two] اثنتان ليستا متصلتين: تتلقيانه إن عادتا قبل { $time }.
    [few] { $count } ليست متصلة: تتلقاه إن عادت قبل { $time }.
   *[other] { $count } ليست متصلة: تتلقاه إن عادت قبل { $time }.
}
announce-late = الشارات التي تنضم لاحقًا تتلقاه أيضًا.
announce-nobody = لن يعرضه أحد: لا شارة مستلمة بين هذه.
announce-no-badges = لا شارة مستلمة لديك بعد، فلن يعرضه أحد.
announce-when = متى
announce-starts = يبدأ
announce-starts-hint = فورًا إن تُرك فارغًا.
announce-lasts = ينتهي بعد
announce-lasts-none = لم يُحدد
announce-ends-at = أو عند
announce-deadline = سمِّ المتأخرين بعد
announce-panels = على الشاشات
announce-strip = الرسالة كلها؛ الإطار بعرض شاشة واحدة
announce-strip-label = الرسالة كلها، يمكن تمريرها
announce-read = هل تُقرأ؟
announce-glyphs = لكل حرف صورة على هذه الشاشات.
announce-steady = ضوء هادئ: لا يومض بسرعة زائدة.
announce-pass = رؤيتها مرة واحدة تستغرق { $seconds } ث.
announce-nothing = اكتب رسالة لتراها هنا.
announce-bar = الإرسال
announce-to-all = { $count ->
    [zero] إلى لا أحد
    [one] إلى الشارة الوحيدة
    [two] إلى الشارتين كلتيهما
    [few] إلى كل الشارات الـ{ $count }
   *[other] إلى كل الشارات الـ{ $count }
}
announce-to-some = { $count ->
    [zero] إلى لا أحد
    [one] إلى شارة واحدة
    [two] إلى شارتين
    [few] إلى { $count } شارات
   *[other] إلى { $count } شارة
}
announce-now = الآن
announce-from = من { $time }
announce-until = حتى { $time }
announce-until-withdrawn = حتى تسحبه، 24 ساعة على الأكثر
announce-no-end = (بلا نهاية بعد)
announce-undo = يمكنك سحبه في أي وقت؛ عندها تعود الشارات إلى سطر صاحبها.
announce-try = أرسله إلى شارتي أولًا
announce-mine = أُرسل إلى شارتك فقط:
announce-send = { $count ->
    [zero] لا شارة لإرساله إليها
    [one] أرسل إلى شارة واحدة
    [two] أرسل إلى شارتين
    [few] أرسل إلى { $count } شارات
   *[other] أرسل إلى { $count } شارة
}
announce-shortcut = Ctrl ↵
announce-ask-title = { $count ->
    [one] شغل شاشة واحدة؟
    [two] شغل شاشتين؟
    [few] شغل { $count } شاشات؟
   *[other] شغل { $count } شاشة؟
}
announce-ask-why = الحالة الطارئة تخفي كل الأسماء وكل سطر آخر حتى تنتهي أو تسحبها.
announce-ask-yes = { $count ->
    [one] نعم، اشغل شاشة واحدة
    [two] نعم، اشغل شاشتين
    [few] نعم، اشغل { $count } شاشات
   *[other] نعم، اشغل { $count } شاشة
}
announce-cancel = إلغاء
announce-wrong-text = اكتب ما ينبغي أن تقوله الشارات.
announce-wrong-end = حدد متى ينتهي. الطارئ وحده يبقى حتى تسحبه.
announce-wrong-until = يجب أن ينتهي بعد بدايته وخلال سنة.
announce-wrong-deadline = يجب أن تأتي لحظة تسمية المتأخرين بعد البداية.
announce-wrong-who = اختر من يعرضه.
announce-wrong-many = هذا عدد كبير من المجموعات والوسوم والشارات معًا.
announce-wrong-tried = لا شارة لك لتجربه عليها.
said-announced = أُعلن.
