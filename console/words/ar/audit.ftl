# السجل.

audit-why = من فعل ماذا، الأحدث أولًا. يتعلق كل قيد بما قبله فيظهر أي تغيير.
audit-verify = تحقّق من سلامته
audit-export = احفظه جدولًا
audit-action = الإجراء
audit-all = اعرض الكل
audit-none = لا شيء كهذا.
audit-house = النظام نفسه
audit-someone = شخص
audit-a-badge = شارة
audit-a-program = برنامج
audit-whole = { $count ->
    [zero] لا قيود بعد.
    [one] القيد الوحيد كما كُتب.
    [two] القيدان كما كُتبا ولا ينقص شيء.
    [few] كل القيود { $count } كما كُتبت ولا ينقص شيء.
    [many] كل القيود { $count } كما كُتبت ولا ينقص شيء.
   *[other] كل القيود { $count } كما كُتبت ولا ينقص شيء.
}
audit-broken = تغيّر القيد { $number } أو فُقد ما قبله.
audit-short = يوجد { $count } من { $of } قيود فقط: أحدثها مفقود.
audit-rewritten = القيد { $number } الذي شوهد من قبل مفقود أو صار غيره.
audit-security = أحداث الأمان
audit-action-hint = مثل badge.revoke؛ وبنقطة في آخره ما يبدأ به.
