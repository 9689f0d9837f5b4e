# ما يحيط بكل صفحة.

skip-to-content = انتقل إلى المحتوى
navigation = التنقل الرئيسي
live = مباشر
live-not-since = غير مباشر منذ { $time }، نحاول من جديد
live-signed-out = تم تسجيل الخروج: سجّل الدخول للمتابعة
your-account = حسابك، { $name }
remembered-only-badge = الدخول لشارتك فقط

place-my-badge = شارتك
place-wall = الجدار
place-announcements = الإعلانات
place-badges = الشارات
place-groups = المجموعات
place-people = الأشخاص
place-access = الوصول
place-audit = السجل
place-settings = الإعدادات

role-admin = مسؤول النظام
role-manager = مدير
role-receptionist = استقبال
role-auditor = مدقق

language = اللغة
theme = المظهر
theme-auto = كما في هذا الجهاز
theme-light = فاتح
theme-dark = داكن
look-save = استخدم هذا
said-look = تم الحفظ لهذا المتصفح.
only-looks = يمكنك الاطلاع دون تعديل.

# إلى أين وصلت الشارة بما أُرسل إليها.
state-pending = قيد الانتظار
state-sent = أُرسل
state-held = محفوظ
state-written = مكتوب
state-shown = معروض
state-refused = مرفوض
state-expired = منتهٍ
state-superseded = مستبدل
