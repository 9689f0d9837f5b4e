# ما يسأله خادم التفويض.

sign-in-first = يرجى تسجيل الدخول أولًا.
consent-title = هل تسمح بهذا؟
consent-you-are = أنت
consent-this-device = تطبيق على هذا الجهاز
consent-asks = يطلب:
consent-allow = أسمح
consent-refuse = أرفض
consent-broken = هذا لا يعمل
consent-broken-why = طلب التطبيق غير صحيح. على صانعيه أن يعرفوا:

scope-badges-read = رؤية كل الشارات والإعلانات
scope-badges-write = تسجيل الشارات وتغيير ما تعرضه
scope-badges-own = رؤية ما تعرضه شارتك وتغييره
scope-announcements-write = إرسال إعلانات إلى الشارات
scope-users-admin = إدارة الأشخاص ومفاتيحهم
scope-audit-read = قراءة السجل
scope-device-connect = الاتصال كشارة
scope-openid = معرفة من أنت
scope-profile = معرفة اسمك
scope-email = معرفة بريدك الإلكتروني
scope-offline-access = فعل ذلك أيضًا في غيابك

device-title = توصيل جهاز
device-type = اكتب الأحرف الستة التي يعرضها الجهاز.
device-code = الرمز
device-go-on = متابعة
device-wrong = لا جهاز يعرض هذا الرمز الآن. يتغير بعد خمس دقائق.
device-wait = رموز خاطئة كثيرة. حاول بعد { $seconds } ث.
device-question = هل هذا جهازك؟
device-unknown-model = شارة من طراز غير معروف
device-wants-in = تريد الانضمام إلى شارات مؤسستك.
device-as-you = سطر أوامر يريد العمل باسمك، وأن:
device-from = جاء الطلب من الشبكة
device-only-if = وافق فقط إذا كان الجهاز في يدك وبدأت هذا بنفسك.
device-name = اسمها (يمكن تغييره لاحقًا)
device-yes = نعم، صِله
device-no = لا
device-not-yours = ليس لك أن تضمها
device-not-yours-why = المديرون ومسؤولو النظام فقط يضمون الشارات. اسأل أحدهم.
device-refused = مرفوض
device-refused-why = أُبلغ الجهاز بذلك.
device-claimed = الشارة لك
device-claimed-why = هي الآن { $name }، { $code }. بعد لحظة تعرض سطرها.
device-done = تم
device-done-why = عد إلى جهازك؛ تم تسجيل دخوله.

leave-title = تسجيل الخروج؟
leave-done = تم تسجيل الخروج
leave-done-why = يمكنك إغلاق هذه الصفحة.
