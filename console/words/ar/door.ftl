# الدخول والخروج، وما لم ينجح.

sign-in = تسجيل الدخول
sign-in-title = تسجيل الدخول
sign-in-email = البريد الإلكتروني
sign-in-password = كلمة المرور
sign-in-remember = ابقَ مسجلًا على هذا الجهاز 90 يومًا
sign-in-remember-why = لتغيير شارتك فقط، وفي هذا المتصفح فقط.
sign-in-again = يتطلب هذا تسجيل دخول حديثًا. يرجى تأكيد هويتك.
sign-in-wrong = البريد الإلكتروني أو كلمة المرور غير صحيحة.
sign-in-wait = محاولات كثيرة. يرجى الانتظار { $seconds } ثانية.
sign-in-busy = كثيرون يسجلون الدخول الآن. يرجى المحاولة مجددًا.
said-no-badge = تم تسجيل دخولك. لا تملك شارة، لذا ليس لمدة 90 يومًا.
sign-out = تسجيل الخروج
said-signed-out = تم تسجيل خروجك.

trouble-request = عند طلب المساعدة اذكر
trouble-home = إلى البداية
trouble-forbidden = هذا ليس لك
trouble-forbidden-why = دورك لا يشمل هذا. يمكن لمسؤول النظام تغيير ذلك.
trouble-remembered-why = هذا الدخول لشارتك فقط. سجّل الدخول بكلمة المرور لرؤية المزيد.
trouble-not-found = لا شيء هنا
trouble-not-found-why = لا يوجد شيء بهذا العنوان، أو ليس لك أن تراه.
trouble-input = لا يمكن تنفيذ ذلك هكذا
trouble-input-why = هناك خطأ في ما أُرسل.
trouble-conflict = سبقك شخص آخر
trouble-conflict-why = تغيّر في هذه الأثناء. أعد تحميل الصفحة وقارن النسختين.
trouble-foreign = النموذج جاء من موقع آخر
trouble-foreign-why = افتح الصفحة هنا وأرسله مجددًا.
trouble-many = طلبات كثيرة دفعة واحدة
trouble-many-why = يرجى الانتظار قليلًا والمحاولة مجددًا.
trouble-server = حدث خطأ هنا
trouble-server-why = ليس خطأك، وقد سُجّل. يرجى المحاولة مجددًا.
