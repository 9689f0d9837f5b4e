# متابعة إعلان.

watch-sent = أُرسل
watch-sent-by = أرسله { $name }
watch-you = أنت
watch-all-badges = كل الشارات
watch-groups = { $count ->
    [one] مجموعة واحدة
    [two] مجموعتان
    [few] { $count } مجموعات
   *[other] { $count } مجموعة
}
watch-tags = { $count ->
    [one] وسم واحد
    [two] وسمان
    [few] { $count } وسوم
   *[other] { $count } وسمًا
}
watch-badges = { $count ->
    [one] شارة واحدة
    [two] شارتان
    [few] { $count } شارات
   *[other] { $count } شارة
}
watch-score = { $count } من { $of } تعرضه
watch-record = { $count ->
    [0] { $shown } من { $targeted }، كلها في الموعد
    [one] { $shown } من { $targeted }، سُميت واحدة
    [two] { $shown } من { $targeted }، سُميت اثنتان
   *[other] { $shown } من { $targeted }، سُميت { $count }
}
watch-all = { $count ->
    [one] الوحيدة تعرضه، بعد { $seconds } ث
    [two] كلتاهما تعرضانه، الأخيرة بعد { $seconds } ث
   *[other] كل الـ{ $count } تعرضه، الأخيرة بعد { $seconds } ث
}
watch-withdrawn = سُحب.
watch-receipts = الإيصالات
watch-of = { $count ->
    [one] من شارة واحدة تعرضه
    [two] من شارتين تعرضانه
    [few] من { $count } شارات تعرضه
   *[other] من { $count } شارة تعرضه
}
watch-proof = شاشتها تطابق صورتنا نقطة بنقطة
watch-targeted = المقصودة { $count }
watch-now = الآن
watch-half = النصف
watch-percent = { $percent } ٪
watch-within = خلال { $seconds } ث
watch-not-yet = ليس بعد
watch-deadline = الموعد
watch-behind = لا تعرضه بعد
watch-named = سُميت عند الموعد
watch-copy = انسخ القائمة
watch-copied = نُسخت
watch-mail = أرسل القائمة بالبريد
watch-mail-more = { $count ->
    [zero] … ولا غيرها
    [one] … وواحدة أخرى
    [two] … واثنتان أخريان
    [few] … و{ $count } أخرى
    [many] … و{ $count } أخرى
   *[other] … و{ $count } أخرى
}
watch-nobody-behind = لا أحد متأخر.
watch-all-laggards = { $count ->
    [one] اعرضها
    [two] اعرض الاثنتين
   *[other] اعرض كل الـ{ $count }
}
watch-shorten = اختصر
watch-again = أرسل مجددًا
watch-identify = اجعلها تومض
watch-look = انظر
watch-again-all = { $count ->
    [one] أرسل مجددًا إلى واحدة
    [two] أرسل مجددًا إلى اثنتين
   *[other] أرسل مجددًا إلى { $count }
}
watch-withdraw = سحب
watch-say-again = أعلنه مرة أخرى
watch-wall = الجدار
watch-empty = لا شارة مقصودة بعد. التي تنضم لاحقًا تظهر هنا.
watch-shown-after = معروض { $seconds } ث
watch-off-since = مطفأة منذ { $time }.
watch-off-never = لم تُشغّل قط.
watch-battery = كانت البطارية عند { $percent } ٪.
watch-no-answer = متصلة ولكنها لم تجب.
watch-weak = الإشارة ضعيفة ({ $dbm } dBm).
watch-not-lit = محفوظ ولكنه غير مضاء.
watch-mismatch = شاشتها تضيء غير صورتنا.
watch-refused = رفضته:
watch-expired = انتهى وقته قبل أن يُضاء.
axis-seconds = { $n } ث
axis-minutes = { $n } د
axis-hours = { $n } س
said-withdrawn = سُحب. تعود الشارات إلى سطر صاحبها.
said-sent-again = أُرسل مجددًا.
said-identify = تومض الآن: { $what }
