# شارتك.

my-question = ماذا تعرض الشارة؟
my-draft = هكذا سيبدو
my-not-sent = لم يُرسل بعد
my-empty = لا سطر على شارتك بعد
my-emergency = حالة طارئة تشغل الشاشة
my-comes-back = يعود سطرك عندما تنتهي.
my-shown = على شارتك الآن
my-on-its-way = في الطريق إلى شارتك
my-waits = محفوظ لشارتك
my-refused = لم تستطع شارتك قبوله
my-off-since = شارتك مطفأة منذ { $time }. نحتفظ بسطرك ونعرضه عند عودتها.
my-never-on = لم تُشغّل شارتك قط. نحتفظ بسطرك ونعرضه عند تشغيلها.
my-off-how = اضغط الزر الجانبي ثانيتين.
my-shows-when-back = يُعرض عند عودتها
my-shown-in = معروض { $seconds } ث
my-steps = إلى أين وصل سطرك
my-show = اعرضه على شارتي
my-back-to = العودة إلى «{ $text }»
my-used = استخدمته من قبل
my-moves = كيف يتحرك
my-also = وعلى شارتك أيضًا
my-also-normal = إعلان حتى { $time }، يتناوب مع سطرك.
my-also-urgent = إعلان عاجل حتى { $time }، يأتي قبل سطرك.
my-none = لا شارة لديك بعد.
my-none-claim = اطلب واحدة
my-none-ask = اطلب من المسؤول عن الشارات أن يعطيك واحدة.
try-again = حاول مجددًا
play = تشغيل
see = أرني كيف تبدو

moves-auto = كما يناسب
moves-still = ثابت
moves-scroll = متحرك
speed = السرعة
speed-slow = بطيء
speed-normal = عادي
speed-fast = سريع

fit-still = النص مناسب وثابت وسهل القراءة.
fit-moves = لا يظهر دفعة واحدة: يمر خلال { $seconds } ث.
fit-repair = احذفه
fit-missing = لا صورة ضوئية لـ { $letters }: يظهر مربعًا.
fit-nothing-left = لا صورة ضوئية لأي منه: { $letters }.
fit-too-long = أطول مما تتسع له شارتك. احذف نحو { $count ->
    [zero] { $count } حرف
    [one] حرف واحد
    [two] حرفين
    [few] { $count } أحرف
    [many] { $count } حرفًا
   *[other] { $count } حرف
}.
fit-slow = قراءته مرة واحدة تستغرق { $seconds } ث. الأقصر أفضل.
fit-flashing = يومض بسرعة قد تؤذي الناس. اختر سرعة أبطأ.
fit-dark = لا شيء فيه يضيء.
fit-clipped = بعض النقاط خارج الشاشة وستُقطع.
fit-other = ليس سهل القراءة هكذا.
fit-empty = اكتب ما تريد أن تعرضه شارتك.

conflict-title = غيّر شخص آخر سطرك في هذه الأثناء
conflict-mine = سطرك
conflict-theirs = على شارتك الآن
conflict-keep-mine = احتفظ بسطري
conflict-keep-theirs = احتفظ بالآخر
