# الإعدادات والبحث.

settings-yours = كيف يبدو لك
settings-yours-why = محفوظ في هذا المتصفح.
settings-moving = صور اللوحات
settings-moving-no = ثابتة
settings-moving-yes = متحركة
settings-keys = المفاتيح المفردة
settings-keys-why = / للبحث، n لبدء إعلان.
settings-on = تشغيل
settings-off = إيقاف
settings-server = هذا الخادم
settings-server-why = تُضبط عند بدء الخادم؛ انظر وثائق الإعدادات.
settings-admin-only = يرى مسؤول النظام إعداد الخادم.
settings-organization = المؤسسة
settings-address = العنوان
settings-mqtt = تتصل الشارات بـ
settings-database = قاعدة البيانات
settings-encryption = التشفير
settings-version = الإصدار
settings-data = مجلد البيانات
settings-tls = TLS
settings-plain = لا شيء: هذا الجهاز فقط، أو بإذن --allow-plaintext

search-title = بحث
search-label = شارة أو مالك أو مجموعة أو إعلان
search-do = ابحث
search-hint = رمز مثل B-7K2M، أو جزء من اسم، أو كلمات من إعلان.
search-nothing = لا شيء هنا باسم «{ $text }».
